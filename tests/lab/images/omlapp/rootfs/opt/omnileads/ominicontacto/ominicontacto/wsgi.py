# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""What uWSGI serves."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
