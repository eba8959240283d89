from django.db import migrations

# Name, kind, probability, forecast category, rotting days, fields needed to leave it.
STAGES = [
    ("Discovery", "open", 10, "pipeline", 21, [("next_step", "Next step agreed")]),
    ("Evaluation", "open", 30, "pipeline", 30, [("amount", "Amount known")]),
    (
        "Proposal",
        "open",
        60,
        "best_case",
        21,
        [("amount", "Amount known"), ("primary_contact", "Primary contact known")],
    ),
    ("Negotiation", "open", 80, "commit", 21, [("next_step", "Next step agreed")]),
    ("Won", "won", 100, "closed", None, []),
    ("Lost", "lost", 0, "omitted", None, []),
]


def seed(apps, schema_editor):
    Pipeline = apps.get_model("opportunities", "Pipeline")
    Stage = apps.get_model("opportunities", "Stage")
    ExitRequirement = apps.get_model("opportunities", "ExitRequirement")
    alias = schema_editor.connection.alias
    pipeline = Pipeline.objects.using(alias).create(name="Sales", is_default=True)
    for position, (name, kind, probability, category, rotting, needed) in enumerate(STAGES):
        stage = Stage.objects.using(alias).create(
            pipeline=pipeline,
            name=name,
            kind=kind,
            position=position,
            probability=probability,
            forecast_category=category,
            rotting_days=rotting,
        )
        for place, (field, label) in enumerate(needed):
            ExitRequirement.objects.using(alias).create(
                stage=stage, field=field, label=label, position=place
            )


class Migration(migrations.Migration):
    """The pipeline a new installation starts with; an admin edits it in the settings."""

    dependencies = [
        ("opportunities", "0002_stage_says_kind"),
        # The exit requirements point at its criteria.
        ("leads", "0002_initial"),
    ]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
