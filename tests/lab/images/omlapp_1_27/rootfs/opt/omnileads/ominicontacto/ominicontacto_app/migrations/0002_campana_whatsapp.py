# mypy: ignore-missing-imports, allow-subclassing-any
"""What 1.27 changes in the schema: a column with a default that older releases may ignore, and an index."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("ominicontacto_app", "0001_initial")]
    operations = [
        migrations.RunSQL(
            "alter table ominicontacto_app_campana add column whatsapp_habilitado boolean not null default false",
            "alter table ominicontacto_app_campana drop column whatsapp_habilitado",
        ),
        migrations.RunSQL(
            "create index ominicontacto_app_contacto_telefono on ominicontacto_app_contacto (telefono)",
            "drop index ominicontacto_app_contacto_telefono",
        ),
    ]
