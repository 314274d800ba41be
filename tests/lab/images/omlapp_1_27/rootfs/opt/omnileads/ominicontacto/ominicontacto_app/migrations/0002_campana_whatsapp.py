# mypy: disable-error-code="import-not-found,import-untyped,misc"
"""What 1.27 changes in the schema: a column with a default that older releases may ignore, and an index."""

from typing import ClassVar

from django.db import migrations


class Migration(migrations.Migration):
    dependencies: ClassVar[list[tuple[str, str]]] = [("ominicontacto_app", "0001_initial")]
    operations: ClassVar[list[object]] = [
        migrations.RunSQL(
            "alter table ominicontacto_app_campana add column whatsapp_habilitado boolean not null default false",
            "alter table ominicontacto_app_campana drop column whatsapp_habilitado",
        ),
        migrations.RunSQL(
            "create index ominicontacto_app_contacto_telefono on ominicontacto_app_contacto (telefono)",
            "drop index ominicontacto_app_contacto_telefono",
        ),
    ]
