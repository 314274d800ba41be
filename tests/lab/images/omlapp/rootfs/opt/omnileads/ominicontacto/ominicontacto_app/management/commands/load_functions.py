# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""`manage.py load_functions`: the function and the trigger on queue_log; needs the extension plperl."""

from pathlib import Path

import reportes_app
from django.core.management.base import BaseCommand
from django.db import connection, transaction


class Command(BaseCommand):
    help = "Load the SQL functions of this release."

    def handle(self, *arguments: object, **options: object) -> None:
        text = Path(str(reportes_app.__file__)).with_name("functions.sql").read_text()
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(text)
