# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""What Daphne serves."""

from django.core.asgi import get_asgi_application

application = get_asgi_application()
