# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""The first schema of the reports and of the queue log."""

from typing import ClassVar

from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies: ClassVar[list[tuple[str, str]]] = []

    operations: ClassVar[list[object]] = [
        migrations.CreateModel(
            name="ActividadAgenteLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ("time", models.DateTimeField(db_index=True)),
                ("agente_id", models.IntegerField(blank=True, db_index=True, null=True)),
                ("event", models.CharField(blank=True, max_length=32, null=True)),
                ("pausa_id", models.CharField(blank=True, max_length=128, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="LlamadaLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ("time", models.DateTimeField(db_index=True)),
                ("callid", models.CharField(blank=True, max_length=32, null=True)),
                ("campana_id", models.IntegerField(blank=True, db_index=True, null=True)),
                ("agente_id", models.IntegerField(blank=True, db_index=True, null=True)),
                ("event", models.CharField(blank=True, max_length=32, null=True)),
                ("archivo_grabacion", models.CharField(blank=True, max_length=100, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="QueueLog",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False)),
                ("time", models.DateTimeField(db_index=True)),
                ("callid", models.CharField(blank=True, max_length=32)),
                ("queuename", models.CharField(blank=True, max_length=32)),
                ("agent", models.CharField(blank=True, max_length=32)),
                ("event", models.CharField(blank=True, max_length=32)),
                ("data1", models.CharField(blank=True, max_length=128)),
                ("data2", models.CharField(blank=True, max_length=128)),
                ("data3", models.CharField(blank=True, max_length=128)),
                ("data4", models.CharField(blank=True, max_length=128)),
                ("data5", models.CharField(blank=True, max_length=128)),
            ],
            options={
                "db_table": "queue_log",
            },
        ),
    ]
