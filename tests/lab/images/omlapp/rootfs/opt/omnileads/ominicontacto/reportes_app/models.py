# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""What the trigger on queue_log makes of Asterisk's events."""

from django.db import models


class LlamadaLog(models.Model):
    time = models.DateTimeField(db_index=True)
    callid = models.CharField(max_length=32, blank=True, null=True)
    campana_id = models.IntegerField(db_index=True, blank=True, null=True)
    agente_id = models.IntegerField(db_index=True, blank=True, null=True)
    event = models.CharField(max_length=32, blank=True, null=True)
    archivo_grabacion = models.CharField(max_length=100, blank=True, null=True)


class ActividadAgenteLog(models.Model):
    time = models.DateTimeField(db_index=True)
    agente_id = models.IntegerField(db_index=True, blank=True, null=True)
    event = models.CharField(max_length=32, blank=True, null=True)
    pausa_id = models.CharField(max_length=128, blank=True, null=True)


class QueueLog(models.Model):
    """Asterisk's own table: it writes, we only read."""

    time = models.DateTimeField(db_index=True)
    callid = models.CharField(max_length=32, blank=True)
    queuename = models.CharField(max_length=32, blank=True)
    agent = models.CharField(max_length=32, blank=True)
    event = models.CharField(max_length=32, blank=True)
    data1 = models.CharField(max_length=128, blank=True)
    data2 = models.CharField(max_length=128, blank=True)
    data3 = models.CharField(max_length=128, blank=True)
    data4 = models.CharField(max_length=128, blank=True)
    data5 = models.CharField(max_length=128, blank=True)

    class Meta:
        db_table = "queue_log"
