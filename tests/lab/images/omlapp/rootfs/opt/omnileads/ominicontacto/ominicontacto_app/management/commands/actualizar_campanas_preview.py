# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""`manage.py actualizar_campanas_preview`: the job of every minute."""

from django.core.management.base import BaseCommand

from ominicontacto_app import queue
from ominicontacto_app.models import Campana


class Command(BaseCommand):
    help = "Count the campaigns and note the count in Redis."

    def handle(self, *arguments: object, **options: object) -> None:
        queue.client().set("OML:STANDIN:PREVIEW", Campana.objects.count())
