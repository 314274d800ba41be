# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""`manage.py regenerar_asterisk`: tell Asterisk, by Redis, that all configuration is to be read again."""

from django.core.management.base import BaseCommand

from ominicontacto_app import queue


class Command(BaseCommand):
    help = "Announce the whole configuration to Asterisk."

    def handle(self, *arguments: object, **options: object) -> None:
        queue.announce("all")
