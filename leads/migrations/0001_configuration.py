import django.db.models.deletion
import django.db.models.functions.text
from django.conf import settings
from django.db import migrations, models

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
    """What an admin sets up for leads. Deals need its criteria, and leads need deals."""

    initial = True

    dependencies = [
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="LeadStatus",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=60)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("working", "Working"),
                            ("nurturing", "Nurturing"),
                            ("qualified", "Qualified"),
                            ("disqualified", "Disqualified"),
                            ("converted", "Converted"),
                        ],
                        max_length=12,
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                (
                    "is_default",
                    models.BooleanField(default=False, help_text="The usual status of its kind."),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="leadstatus_name_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("kind",),
                        name="leadstatus_one_default",
                    ),
                    models.UniqueConstraint(fields=("id", "kind"), name="leadstatus_with_kind"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind__in",
                                [
                                    "new",
                                    "working",
                                    "nurturing",
                                    "qualified",
                                    "disqualified",
                                    "converted",
                                ],
                            )
                        ),
                        name="leadstatus_kind_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ScoreRule",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("fit", "Fit"), ("behavior", "Behavior")], max_length=8
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        help_text="What people read beside the points.", max_length=120
                    ),
                ),
                ("field", models.CharField(max_length=40)),
                (
                    "operator",
                    models.CharField(
                        choices=[
                            ("filled", "is filled"),
                            ("equals", "is"),
                            ("contains", "contains"),
                            ("at_least", "is at least"),
                        ],
                        default="filled",
                        max_length=8,
                    ),
                ),
                ("value", models.CharField(blank=True, max_length=200)),
                ("points", models.SmallIntegerField()),
                (
                    "half_life_days",
                    models.PositiveSmallIntegerField(
                        blank=True,
                        help_text="Behavior only: the points halve in this many days.",
                        null=True,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                ("position", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["fit", "behavior"])),
                        name="scorerule_kind_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("operator__in", ["filled", "equals", "contains", "at_least"])
                        ),
                        name="scorerule_operator_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("points__range", (-100, 100))),
                        name="scorerule_points_in_range",
                        violation_error_message="Points are between -100 and 100.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("half_life_days__isnull", True),
                            ("half_life_days__gt", 0),
                            _connector="OR",
                        ),
                        name="scorerule_half_life_positive",
                        violation_error_message="A half-life is at least one day.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Playbook",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "subject",
                    models.CharField(
                        choices=[("lead", "Leads"), ("opportunity", "Opportunities")],
                        default="lead",
                        max_length=12,
                    ),
                ),
                ("description", models.TextField(blank=True)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        help_text="The team that uses it, with all below; empty for everybody.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.team",
                    ),
                ),
                ("is_default", models.BooleanField(default=False)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="playbook_name_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("subject",),
                        name="playbook_one_default",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subject__in", ["lead", "opportunity"])),
                        name="playbook_subject_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Criterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="criteria",
                        to="leads.playbook",
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("label", models.CharField(max_length=80)),
                ("question", models.CharField(blank=True, max_length=250)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("playbook", "key"), name="criterion_key_unique")
                ],
            },
        ),
        migrations.CreateModel(
            name="Path",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "playbook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="paths",
                        to="leads.playbook",
                    ),
                ),
                ("key", models.SlugField(max_length=40)),
                ("name", models.CharField(max_length=120)),
                ("description", models.CharField(blank=True, max_length=250)),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "approval",
                    models.CharField(
                        choices=[
                            ("unless_allowed", "Needed, unless the person may convert directly"),
                            ("always", "Always needed"),
                            ("never", "Not needed: a request is enough to convert"),
                        ],
                        default="unless_allowed",
                        max_length=14,
                    ),
                ),
                (
                    "approver_rule",
                    models.CharField(
                        choices=[
                            ("chosen", "The requester chooses"),
                            (
                                "account_owner",
                                "Owner of the matching account, else the requester chooses",
                            ),
                            ("manager", "The requester's manager"),
                        ],
                        default="chosen",
                        max_length=14,
                    ),
                ),
                ("allows_self_approval", models.BooleanField(default=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("playbook", "key"), name="path_key_unique"),
                    models.CheckConstraint(
                        condition=models.Q(("approval__in", ["unless_allowed", "always", "never"])),
                        name="path_approval_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("approver_rule__in", ["chosen", "account_owner", "manager"])
                        ),
                        name="path_approver_rule_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="PathCriterion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "path",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="path_criteria",
                        to="leads.path",
                    ),
                ),
                (
                    "criterion",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.criterion",
                    ),
                ),
                ("is_required", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("path", "criterion"), name="pathcriterion_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="path",
            name="criteria",
            field=models.ManyToManyField(
                related_name="paths", through="leads.PathCriterion", to="leads.criterion"
            ),
        ),
        migrations.CreateModel(
            name="Queue",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=80)),
                (
                    "team",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="queues",
                        to="people.team",
                    ),
                ),
                (
                    "is_default",
                    models.BooleanField(
                        default=False, help_text="Takes the leads for which no owner is known."
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("name"), name="queue_name_unique"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("is_default", True)),
                        fields=("is_default",),
                        name="queue_one_default",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="QueueMember",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "queue",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="leads.queue",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("user", "queue"), name="queuemember_once")
                ],
            },
        ),
        migrations.AddField(
            model_name="queue",
            name="members",
            field=models.ManyToManyField(
                related_name="queues",
                through="leads.QueueMember",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunPython(seed, migrations.RunPython.noop),
    ]
