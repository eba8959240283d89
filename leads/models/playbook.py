"""How a team qualifies: criteria, the paths that accept them, and the answers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class PlaybookSubject(models.TextChoices):
    LEAD = "lead", "Leads"
    OPPORTUNITY = "opportunity", "Opportunities"


class Playbook(models.Model):
    """A team's qualification criteria (BANT, MEDDIC, own) and its paths."""

    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=12, choices=PlaybookSubject, default=PlaybookSubject.LEAD)
    description = models.TextField(blank=True)
    team = models.ForeignKey(
        "people.Team",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="The team that uses it, with all below; empty for everybody.",
    )
    is_default = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="playbook_name_unique"),
            models.UniqueConstraint(
                fields=["subject"],
                name="playbook_one_default",
                condition=Q(is_default=True),
            ),
            models.CheckConstraint(
                name="playbook_subject_known",
                condition=Q(subject__in=PlaybookSubject.values),
            ),
        ]

    def __str__(self):
        return self.name


class Criterion(models.Model):
    """One thing to find out, such as Budget."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="criteria")
    key = models.SlugField(max_length=40)
    label = models.CharField(max_length=80)
    question = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["playbook", "key"], name="criterion_key_unique"),
        ]

    def __str__(self):
        return self.label


class ApprovalRule(models.TextChoices):
    UNLESS_ALLOWED = "unless_allowed", "Needed, unless the person may convert directly"
    ALWAYS = "always", "Always needed"
    NEVER = "never", "Not needed: a request is enough to convert"


class ApproverRule(models.TextChoices):
    CHOSEN = "chosen", "The requester chooses"
    ACCOUNT_OWNER = (
        "account_owner",
        "Owner of the matching account, else the requester chooses",
    )
    MANAGER = "manager", "The requester's manager"


class Path(models.Model):
    """One accepted way to qualify a lead, with its own required criteria and approver rule."""

    playbook = models.ForeignKey(Playbook, on_delete=models.CASCADE, related_name="paths")
    key = models.SlugField(max_length=40)
    name = models.CharField(max_length=120)
    description = models.CharField(max_length=250, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    approval = models.CharField(
        max_length=14, choices=ApprovalRule, default=ApprovalRule.UNLESS_ALLOWED
    )
    approver_rule = models.CharField(
        max_length=14, choices=ApproverRule, default=ApproverRule.CHOSEN
    )
    allows_self_approval = models.BooleanField(default=False)
    criteria = models.ManyToManyField(
        Criterion, through="leads.PathCriterion", related_name="paths"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["playbook", "key"], name="path_key_unique"),
            models.CheckConstraint(
                name="path_approval_known",
                condition=Q(approval__in=ApprovalRule.values),
            ),
            models.CheckConstraint(
                name="path_approver_rule_known",
                condition=Q(approver_rule__in=ApproverRule.values),
            ),
        ]

    def __str__(self):
        return self.name


class PathCriterion(models.Model):
    """A criterion on a path: required ones must be confirmed for the path to be met."""

    path = models.ForeignKey(Path, on_delete=models.CASCADE, related_name="path_criteria")
    criterion = models.ForeignKey(Criterion, on_delete=models.CASCADE, related_name="+")
    is_required = models.BooleanField(default=True)

    class Meta:
        # Settings tell what uses a criterion: so many paths.
        verbose_name = "path"
        constraints = [
            models.UniqueConstraint(fields=["path", "criterion"], name="pathcriterion_once"),
        ]

    def __str__(self):
        return f"{self.criterion_id} on {self.path_id}"


class AnswerState(models.TextChoices):
    UNKNOWN = "unknown", "Unknown"
    ASSUMED = "assumed", "Assumed"
    CONFIRMED = "confirmed", "Confirmed"


class Answer(models.Model):
    """What is known of a criterion for one lead or opportunity, with the evidence."""

    criterion = models.ForeignKey(Criterion, on_delete=models.PROTECT, related_name="+")
    lead = models.ForeignKey(
        "leads.Lead",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="answers",
    )
    state = models.CharField(max_length=9, choices=AnswerState, default=AnswerState.UNKNOWN)
    value = models.CharField(max_length=500, blank=True)
    evidence = models.TextField(blank=True)
    evidence_activity = models.ForeignKey(
        "activities.Activity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead", "criterion"],
                name="answer_once_per_lead",
                condition=Q(lead__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["opportunity", "criterion"],
                name="answer_once_per_opportunity",
                condition=Q(opportunity__isnull=False),
            ),
            models.CheckConstraint(
                name="answer_about_one_record",
                condition=Q(lead__isnull=False, opportunity__isnull=True)
                | Q(lead__isnull=True, opportunity__isnull=False),
            ),
            models.CheckConstraint(
                name="answer_state_known", condition=Q(state__in=AnswerState.values)
            ),
        ]

    def __str__(self):
        return f"{self.criterion_id}: {self.state}"
