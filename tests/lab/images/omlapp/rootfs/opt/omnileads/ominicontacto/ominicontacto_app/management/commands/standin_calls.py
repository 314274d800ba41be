# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""
`manage.py standin_calls N`: N made-up calls of today, each with its rows and its recording in the bucket.

With them go prompts below media_root/ in the bucket, and live statistics that only Redis has.
"""

import argparse
from uuid import uuid4

from django.core.management.base import BaseCommand
from django.db import transaction
from django.utils import timezone
from reportes_app.models import QueueLog

from ominicontacto_app import bucket, queue
from ominicontacto_app.models import Campana, Contacto

PROMPTS = ("welcome.wav", "the queue/you are number.wav")
STATISTICS = "standin:statistics"


class Command(BaseCommand):
    help = "Make up calls, so that there is something to back up."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("count", type=int)

    def handle(self, *arguments: object, **options: int) -> None:
        campaign, _ = Campana.objects.get_or_create(nombre="stand-in")
        for prompt in PROMPTS:
            bucket.put(f"media_root/audio_asterisk/{prompt}", prompt.encode() * 256)
        for _ in range(options["count"]):
            self.call(campaign)
        queue.client().hincrby(STATISTICS, campaign.nombre, options["count"])

    def call(self, campaign: Campana) -> None:
        now, call = timezone.now(), uuid4().hex
        recording = f"{now:%Y-%m-%d}/{call}.wav"
        bucket.put(recording, call.encode() * 64)
        with transaction.atomic():
            Contacto.objects.create(campana=campaign, telefono=call[:10])
            for event, data in (("ENTERQUEUE", ""), ("CONNECT", ""), ("COMPLETEAGENT", recording)):
                queue = f"{campaign.pk}_stand-in"
                QueueLog.objects.create(
                    time=now, callid=call, queuename=queue, agent="agent_1", event=event, data5=data
                )
