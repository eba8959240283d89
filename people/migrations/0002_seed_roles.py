from django.db import migrations

from people.seeds import ROLES


def seed(apps, schema_editor):
    Role = apps.get_model("people", "Role")
    RolePermission = apps.get_model("people", "RolePermission")
    Workspace = apps.get_model("people", "Workspace")
    alias = schema_editor.connection.alias
    Workspace.objects.using(alias).get_or_create(pk=1)
    for key, (name, description, table) in ROLES.items():
        role, _ = Role.objects.using(alias).get_or_create(
            key=key, defaults={"name": name, "description": description}
        )
        RolePermission.objects.using(alias).bulk_create(
            [
                RolePermission(role=role, record_type=record_type, action=action, level=level)
                for record_type, actions in table.items()
                for action, level in actions.items()
            ],
            ignore_conflicts=True,
        )


class Migration(migrations.Migration):
    """The five roles a new installation starts with; an admin may edit them afterwards."""

    dependencies = [("people", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
