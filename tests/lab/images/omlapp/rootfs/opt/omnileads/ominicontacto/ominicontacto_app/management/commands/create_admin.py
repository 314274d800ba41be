# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""`manage.py create_admin`: the first user, who must change the password at once."""

from django.core.management.base import BaseCommand

from ominicontacto_app.models import User


class Command(BaseCommand):
    help = "Create the user admin when there is none."

    def handle(self, *arguments: object, **options: object) -> None:
        if not User.objects.filter(username="admin").exists():
            User.objects.create_superuser("admin", password="admin")
