"""Leads: people and companies that showed interest and are not qualified yet."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from crm.addresses import address_of
from crm.fields import (
    CurrencyField,
    MoneyField,
    PostalAddress,
    SearchTextField,
    validate_day,
)
from crm.history import field_history
from crm.indexes import either_way, trigrams
from leads.models.lead_queryset import LeadQuerySet
from leads.models.queue import Queue
from leads.models.status import CLOSED_KINDS, StatusKind
from people.ownership import Member, Record
from people.reach import RecordType


class Rating(models.TextChoices):
    HOT = "hot", "Hot"
    WARM = "warm", "Warm"
    COLD = "cold", "Cold"


class HandoffState(models.TextChoices):
    """Where the lead's latest conversion request stands."""

    NONE = "", "Not requested"
    PENDING = "pending", "Awaiting approval"
    SENT_BACK = "sent_back", "Sent back"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    DISPUTED = "disputed", "Disputed"
    RECALLED = "recalled", "Recalled"
    LAPSED = "lapsed", "Lapsed"
    CONVERTED = "converted", "Converted"


# The states of a request that matter more, while they last, than the lead's own status.
TELLING_HANDOFF = (
    HandoffState.PENDING,
    HandoffState.SENT_BACK,
    HandoffState.APPROVED,
    HandoffState.DISPUTED,
    HandoffState.LAPSED,
)


@field_history
class Lead(Record, PostalAddress):
    """
    A person or company that showed interest and is not qualified yet.

    Owned by a person, or waiting in a queue: one of the two. `status_kind` repeats the
    kind of the status, held to it by a foreign key over both, so that the database itself
    can tell a converted lead.
    """

    record_type = RecordType.LEAD

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        blank=True,
        related_name="+",
    )
    queue = models.ForeignKey(
        Queue, on_delete=models.PROTECT, null=True, blank=True, related_name="leads"
    )
    salutation = models.CharField(max_length=20, blank=True)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    company = models.CharField(
        max_length=200, blank=True, help_text="Empty for a person without a company."
    )
    email = models.EmailField(blank=True)
    other_email = models.EmailField(blank=True)
    phone = models.CharField(max_length=60, blank=True)
    mobile = models.CharField(max_length=60, blank=True)
    website = models.CharField(max_length=250, blank=True)
    industry = models.CharField(max_length=120, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = MoneyField(null=True, blank=True)
    currency = CurrencyField(blank=True)
    source = models.ForeignKey(
        "accounts.LeadSource",
        on_delete=models.PROTECT,
        db_index=False,  # lead_by_source begins with it.
        related_name="leads",
    )
    source_detail = models.CharField(max_length=250, blank=True)
    campaign = models.ForeignKey(
        "accounts.Campaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    products = models.ManyToManyField(
        "opportunities.Product", through="leads.ProductInterest", related_name="+"
    )
    rating = models.CharField(max_length=4, choices=Rating, blank=True)
    description = models.TextField(blank=True)
    partner_account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    do_not_call = models.BooleanField(default=False)
    do_not_email = models.BooleanField(default=False)
    next_step = models.CharField(max_length=250, blank=True)
    next_step_on = models.DateField(null=True, blank=True, validators=[validate_day])
    external_id = models.CharField(max_length=120, blank=True)
    imported_owner = models.CharField(
        max_length=150,
        blank=True,
        help_text="Who owned it elsewhere, when they are no user here.",
    )
    imported_values = models.JSONField(
        default=dict,
        blank=True,
        help_text="Columns of the imported row that have no field here.",
    )

    status = models.ForeignKey(
        "leads.LeadStatus",
        on_delete=models.PROTECT,
        db_constraint=False,
        db_index=False,  # lead_by_status begins with it.
        related_name="leads",
    )
    status_kind = models.CharField(max_length=12, choices=StatusKind, editable=False)
    disqualified_reason = models.ForeignKey(
        "activities.Reason",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    wake_up_on = models.DateField(
        null=True,
        blank=True,
        validators=[validate_day],
        help_text="The day on which a nurtured lead returns to its owner.",
    )
    playbook = models.ForeignKey(
        "leads.Playbook",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    handoff_state = models.CharField(
        max_length=10, choices=HandoffState, blank=True, editable=False
    )
    score = models.PositiveSmallIntegerField(default=0, editable=False)
    score_explanation = models.JSONField(default=list, editable=False)
    assigned_at = models.DateTimeField(null=True, editable=False)
    first_response_at = models.DateTimeField(null=True, editable=False)
    last_activity_at = models.DateTimeField(null=True, editable=False)

    converted_at = models.DateTimeField(null=True, editable=False)
    converted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        editable=False,
        related_name="+",
    )
    converted_account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    converted_contact = models.ForeignKey(
        "accounts.Contact",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    converted_opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="+",
    )
    reengaged_from = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="reengaged_as",
        help_text="The converted lead whose person came back.",
    )

    email_key = models.CharField(max_length=254, blank=True, editable=False)
    other_email_key = models.CharField(max_length=254, blank=True, editable=False)
    phone_key = models.CharField(max_length=40, blank=True, editable=False)
    mobile_key = models.CharField(max_length=40, blank=True, editable=False)
    domain_key = models.CharField(max_length=253, blank=True, editable=False)
    company_key = models.CharField(max_length=200, blank=True, editable=False)
    person_key = models.CharField(max_length=250, blank=True, editable=False)
    search_text = SearchTextField(
        "first_name", "last_name", "company", "email", "other_email", "phone", "mobile"
    )

    objects = LeadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lead_named",
                condition=~Q(last_name=""),
                violation_error_message="Give the lead a last name.",
            ),
            models.CheckConstraint(
                name="lead_owned_or_queued",
                condition=Q(owner__isnull=False) | Q(queue__isnull=False),
                violation_error_message="A lead belongs to a person or waits in a queue.",
            ),
            models.CheckConstraint(
                name="lead_converted_at_matches_status",
                condition=Q(status_kind=StatusKind.CONVERTED, converted_at__isnull=False)
                | (~Q(status_kind=StatusKind.CONVERTED) & Q(converted_at__isnull=True)),
                violation_error_message="Only a converted lead has a conversion time.",
            ),
            models.CheckConstraint(
                name="lead_disqualified_for_a_reason",
                condition=~Q(status_kind=StatusKind.DISQUALIFIED)
                | Q(disqualified_reason__isnull=False),
                violation_error_message="Say why the lead is disqualified.",
            ),
            models.CheckConstraint(
                name="lead_nurtured_until_a_day",
                condition=~Q(status_kind=StatusKind.NURTURING) | Q(wake_up_on__isnull=False),
                violation_error_message="Say on which day the lead returns.",
            ),
            models.CheckConstraint(
                name="lead_score_is_percent", condition=Q(score__range=(0, 100))
            ),
            models.CheckConstraint(
                name="lead_rating_known", condition=Q(rating__in=["", *Rating.values])
            ),
            models.CheckConstraint(
                name="lead_handoff_state_known",
                condition=Q(handoff_state__in=HandoffState.values),
            ),
            models.CheckConstraint(
                name="lead_converted_is_not_deleted",
                condition=~Q(status_kind=StatusKind.CONVERTED) | Q(deleted_at__isnull=True),
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                name="lead_recent",
                # Who sees it and what became of it: a list and the funnel are counted without
                # a look at the rows, which are wide.
                include=["owner", "queue", "team", "status_kind", "converted_opportunity"],
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["-score", "-id"],
                name="lead_by_score",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["last_name", "first_name", "id"],
                name="lead_by_name",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["company", "id"],
                name="lead_by_company",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="lead_by_owner"),
            *either_way("next_step_on", name="lead_by_next_step"),
            models.Index(
                fields=["handoff_state", "-created_at", "-id"],
                name="lead_in_handoff",
                condition=~Q(handoff_state="") & Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["owner", "next_step_on"],
                name="lead_work_queue",
                condition=Q(deleted_at__isnull=True)
                & ~Q(status_kind__in=["disqualified", "converted"]),
            ),
            models.Index(
                fields=["queue", "-score", "created_at", "id"],
                name="lead_waiting_in_queue",
                condition=Q(owner__isnull=True, deleted_at__isnull=True),
            ),
            models.Index(
                fields=["wake_up_on"],
                name="lead_to_wake_up",
                condition=Q(status_kind="nurturing", deleted_at__isnull=True),
            ),
            models.Index(fields=["status", "-created_at", "-id"], name="lead_by_status"),
            models.Index(fields=["source", "-created_at", "-id"], name="lead_by_source"),
            models.Index(fields=["email_key"], name="lead_by_email"),
            models.Index(fields=["other_email_key"], name="lead_by_other_email"),
            models.Index(fields=["phone_key"], name="lead_by_phone"),
            models.Index(fields=["mobile_key"], name="lead_by_mobile"),
            models.Index(fields=["domain_key"], name="lead_by_domain"),
            models.Index(fields=["person_key"], name="lead_by_person"),
            models.Index(
                fields=["external_id"],
                name="lead_by_external_id",
                condition=~Q(external_id=""),
            ),
            trigrams("company_key", name="lead_company_like"),
            trigrams("search_text", name="lead_search"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address_of("leads:detail", self.pk)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def company_or_name(self) -> str:
        """What the account would be called: a lead without a company is a person."""
        return self.company or self.name

    @property
    def standing(self) -> tuple[str, str]:
        """Where it stands, as a kind and in words: an open handoff says more than a status."""
        if self.handoff_state in TELLING_HANDOFF:
            kind = "requested" if self.handoff_state == HandoffState.PENDING else self.handoff_state
            return kind, self.get_handoff_state_display()
        return self.status_kind, self.status.name

    @property
    def is_converted(self) -> bool:
        return self.status_kind == StatusKind.CONVERTED

    @property
    def is_closed(self) -> bool:
        return self.status_kind in CLOSED_KINDS


class LeadMember(Member):
    """Somebody on a lead's team list, or an approver who may see it."""

    record = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "record"], name="leadmember_once"),
        ]

    def __str__(self):
        return f"{self.user_id} on lead {self.record_id}"


Lead.member_model = LeadMember
