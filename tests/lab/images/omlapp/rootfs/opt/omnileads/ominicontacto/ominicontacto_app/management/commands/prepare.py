# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""`manage.py prepare`: what a release has to do before it may serve, in the order of the original."""

from django.core.management import call_command
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Move the schema, make the first user, lay out the static files, load the SQL, tell Asterisk."

    def handle(self, *arguments: object, **options: object) -> None:
        # in one process: each of its own would spend a second of a processor on loading Django
        call_command("migrate", interactive=False)
        call_command("create_admin")
        call_command("collectstatic", interactive=False, verbosity=0)
        call_command("load_functions")
        call_command("regenerar_asterisk")
