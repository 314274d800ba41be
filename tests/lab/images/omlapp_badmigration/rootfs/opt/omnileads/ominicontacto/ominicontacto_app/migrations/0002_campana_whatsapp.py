# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""A migration made to fail half way: the column is there, the index is not, and Django does not know of either."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar[list[tuple[str, str]]] = [("ominicontacto_app", "0001_initial")]
    operations: ClassVar[list[object]] = [
        migrations.RunSQL(
            "alter table ominicontacto_app_campana add column whatsapp_habilitado boolean not null default false",
            "alter table ominicontacto_app_campana drop column whatsapp_habilitado",
        ),
        migrations.RunSQL("create index standin_fails on ominicontacto_app_contacto (no_such_column)"),
    ]
