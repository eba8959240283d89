from django.db import migrations

from leads import seeds


def seed(apps, schema_editor):
    alias = schema_editor.connection.alias

    def rows(name):
        return apps.get_model("leads", name).objects.using(alias)

    for position, (name, kind, is_default) in enumerate(seeds.STATUSES):
        rows("LeadStatus").create(name=name, kind=kind, position=position, is_default=is_default)
    for position, rule in enumerate(seeds.SCORE_RULES):
        columns = ("kind", "label", "field", "operator", "value", "points", "half_life_days")
        rows("ScoreRule").create(position=position, **dict(zip(columns, rule, strict=True)))
    rows("Queue").create(name="Unassigned leads", is_default=True)

    bant = rows("Playbook").create(name="BANT", subject="lead", is_default=True)
    criteria = seed_criteria(rows, bant, seeds.BANT)
    for position, (key, name, description, required, optional, approval, approver) in enumerate(
        seeds.BANT_PATHS
    ):
        path = rows("Path").create(
            playbook=bant,
            key=key,
            name=name,
            description=description,
            position=position,
            approval=approval,
            approver_rule=approver,
        )
        for criterion in (*required, *optional):
            rows("PathCriterion").create(
                path=path, criterion=criteria[criterion], is_required=criterion in required
            )
    meddic = rows("Playbook").create(name="MEDDIC", subject="opportunity", is_default=True)
    seed_criteria(rows, meddic, seeds.MEDDIC)


def seed_criteria(rows, playbook, criteria):
    return {
        key: rows("Criterion").create(
            playbook=playbook, key=key, label=label, question=question, position=position
        )
        for position, (key, label, question) in enumerate(criteria)
    }


class Migration(migrations.Migration):
    """Statuses, playbooks, score rules and a queue; an admin edits them in the settings."""

    dependencies = [("leads", "0003_converted_lead_is_final")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
