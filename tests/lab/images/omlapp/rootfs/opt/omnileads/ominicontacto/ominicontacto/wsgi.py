# mypy: ignore-missing-imports
"""What uWSGI serves."""

from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()
