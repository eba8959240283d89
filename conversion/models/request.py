"""The handoff: an SDR's request that an AE accept a lead, and every step it takes."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from leads.models import Lead
from people.ownership import EqualsAny, id_array
from people.reach import Action, ReachLevel, RecordType


class RequestState(models.TextChoices):
    PENDING = "pending", "Awaiting approval"
    SENT_BACK = "sent_back", "Sent back"
    APPROVED = "approved", "Approved"
    CONVERTED = "converted", "Converted"
    REJECTED = "rejected", "Rejected"
    DISPUTED = "disputed", "Disputed"
    UPHELD = "upheld", "Rejection upheld"
    RECALLED = "recalled", "Recalled"
    LAPSED = "lapsed", "Lapsed"


OPEN_STATES = (
    RequestState.PENDING,
    RequestState.SENT_BACK,
    RequestState.APPROVED,
    RequestState.DISPUTED,
)


class LeadOutcome(models.TextChoices):
    """What happens to the lead of a rejected request."""

    KEEP_WORKING = "keep_working", "Keep working it"
    RECYCLE = "recycle", "Recycle on a date"
    DISQUALIFY = "disqualify", "Disqualify"
    REASSIGN = "reassign", "Reassign"


class ConversionRequestQuerySet(models.QuerySet):
    def visible_to(self, user: Any, action: str = Action.VIEW) -> Self:
        """
        The requests a person may know of, or on which they may perform `action`.

        Requester and approver see their own; others by the reach of their role, counted
        from both. Deciding is for the approver and for those whose reach for `decide`
        covers the approver.
        """
        if not user.is_authenticated:
            return self.none()
        level = user.reach.level(RecordType.REQUEST, action)
        if level == ReachLevel.NONE:
            return self.none()
        if level == ReachLevel.ALL:
            return self
        people = id_array(user.reach.user_ids(level))
        condition = Q(EqualsAny(F("approver_id"), people))
        if action != Action.DECIDE:
            condition |= Q(EqualsAny(F("requester_id"), people))
        return self.filter(condition)

    def left_to(self, user: Any) -> Self:
        """
        The rejections that this person may see, and dispute, in the place of a requester who
        has left: those of leads that are theirs now, unless they decided them.
        """
        if not user.is_authenticated or not user.can(RecordType.REQUEST, Action.EDIT):
            return self.none()
        # Without joins, so that the rows can be locked alone.
        return self.filter(
            ~Q(approver=user) & ~Q(decided_by=user),
            state=RequestState.REJECTED,
            dispute_statement="",
            lead__in=Lead.objects.unscoped(reason="one's own").filter(owner=user).values("pk"),
            requester__in=get_user_model().objects.filter(is_active=False).values("pk"),
        )

    def open(self) -> Self:
        return self.filter(state__in=OPEN_STATES)

    def waiting(self) -> Self:
        """Those an approver must decide."""
        return self.filter(state=RequestState.PENDING)

    def overdue(self, now: Any = None) -> Self:
        return self.waiting().filter(due_at__lt=now or timezone.now())

    def for_list(self) -> Self:
        return self.select_related(
            "lead", "lead__status", "path", "requester", "approver", "reason"
        ).order_by("due_at", "pk")


class ConversionRequest(models.Model):
    """
    A request that an AE accept a lead: the plan, the frozen evidence and its whole history.

    `answers` and `lead_snapshot` are as they were when it was (re)submitted.
    """

    lead = models.ForeignKey(
        "leads.Lead", on_delete=models.PROTECT, related_name="conversion_requests"
    )
    path = models.ForeignKey("leads.Path", on_delete=models.PROTECT, related_name="+")
    state = models.CharField(
        max_length=10,
        choices=RequestState,
        default=RequestState.PENDING,
        editable=False,
    )
    plan = models.JSONField(help_text="The conversion plan that was asked for.")
    answers = models.JSONField(default=list)
    lead_snapshot = models.JSONField(default=dict)
    message = models.TextField(blank=True)
    next_meeting_at = models.DateTimeField(null=True, blank=True)
    requester = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    approver_because = models.CharField(
        max_length=250, blank=True, help_text="Why this approver, in words."
    )
    may_approve_own = models.BooleanField(default=False, editable=False)
    submitted_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.ForeignKey(
        "activities.Reason", on_delete=models.PROTECT, null=True, related_name="+"
    )
    decision_note = models.TextField(blank=True)
    doubted = ArrayField(
        models.BigIntegerField(),
        default=list,
        blank=True,
        help_text="The criteria whose evidence the approver doubts.",
    )
    lead_outcome = models.CharField(max_length=12, choices=LeadOutcome, blank=True)
    resubmissions = models.PositiveSmallIntegerField(default=0, editable=False)
    dispute_statement = models.TextField(blank=True)
    dispute_decision = models.TextField(blank=True)
    dispute_decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ConversionRequestQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                name="request_one_open_per_lead",
                condition=Q(state__in=["pending", "sent_back", "approved", "disputed"]),
                violation_error_message="This lead already has an open conversion request.",
            ),
            models.CheckConstraint(
                name="request_state_known", condition=Q(state__in=RequestState.values)
            ),
            models.CheckConstraint(
                name="request_approver_is_not_requester",
                condition=~Q(approver=F("requester")) | Q(may_approve_own=True),
                violation_error_message="Nobody approves their own request.",
            ),
            models.CheckConstraint(
                name="request_not_decided_by_requester",
                condition=Q(decided_by__isnull=True)
                | ~Q(decided_by=F("requester"))
                | Q(may_approve_own=True),
                violation_error_message="Nobody decides their own request.",
            ),
            models.CheckConstraint(
                name="request_rejected_for_a_reason",
                condition=~Q(state__in=["rejected", "disputed", "upheld"])
                | Q(reason__isnull=False),
                violation_error_message="Say why the request is rejected.",
            ),
            models.CheckConstraint(
                name="request_lead_outcome_known",
                condition=Q(lead_outcome__in=["", *LeadOutcome.values]),
            ),
            models.UniqueConstraint(fields=["id", "lead"], name="request_with_lead"),
        ]
        indexes = [
            models.Index(
                fields=["approver", "due_at", "id"],
                name="request_inbox",
                condition=Q(state__in=["pending", "approved", "disputed"]),
            ),
            models.Index(fields=["requester", "-submitted_at"], name="request_by_requester"),
            models.Index(fields=["state", "due_at", "id"], name="request_by_state"),
        ]

    def __str__(self):
        return f"Conversion request {self.pk}"

    def get_absolute_url(self):
        return reverse("conversion:request", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES


class RequestTransition(models.Model):
    """One step of a request: who, when, from, to and why. Never changed or removed."""

    request = models.ForeignKey(
        ConversionRequest, on_delete=models.PROTECT, related_name="transitions"
    )
    at = models.DateTimeField(default=timezone.now)
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=10, choices=RequestState, blank=True)
    to_state = models.CharField(max_length=10, choices=RequestState)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.ForeignKey(
        "activities.Reason", on_delete=models.PROTECT, null=True, related_name="+"
    )
    note = models.TextField(blank=True)
    facts = models.JSONField(
        default=dict,
        help_text="Whatever else belongs to the step, such as what had changed.",
    )

    class Meta:
        verbose_name = "handoff step"
        indexes = [models.Index(fields=["request", "at", "id"], name="transition_history")]

    def __str__(self):
        return f"{self.action} {self.request_id}"
