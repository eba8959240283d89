from django.db import migrations

SOURCES = [
    "Website form",
    "Inbound demo",
    "Cold call",
    "Cold email",
    "Referral",
    "Partner",
    "Event",
    "Webinar",
    "Social media",
    "Advertising",
    "Purchased list",
    "Other",
]


def seed(apps, schema_editor):
    LeadSource = apps.get_model("accounts", "LeadSource")
    LeadSource.objects.using(schema_editor.connection.alias).bulk_create(
        [LeadSource(name=name, position=position) for position, name in enumerate(SOURCES)],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    """The lead sources a new installation starts with; an admin edits them in the settings."""

    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
