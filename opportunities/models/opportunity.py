"""Deals in progress, with the people and products in them."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Round
from django.utils import timezone

from crm.addresses import address_of
from crm.fields import CurrencyField, MoneyField, SearchTextField, validate_day
from crm.history import field_history
from crm.indexes import either_way, trigrams
from opportunities.models.pipeline import ForecastCategory, StageKind
from people.ownership import Member, OwnedQuerySet, Record
from people.reach import RecordType


class OpportunityType(models.TextChoices):
    NEW = "new", "New business"
    EXPANSION = "expansion", "Expansion"
    RENEWAL = "renewal", "Renewal"


class OpportunityQuerySet(OwnedQuerySet):
    def open(self):
        return self.filter(stage_kind=StageKind.OPEN)

    def with_expected(self):
        """Each deal with its weighted amount as `expected`, in the company's currency."""
        return self.annotate(expected=F("company_amount") * F("probability") / 100)

    def for_list(self):
        return self.select_related("owner", "account", "stage").order_by("-created_at", "-pk")


@field_history
class Opportunity(Record):
    """
    A deal in progress.

    `stage_kind` and `pipeline` repeat what the stage says; the database holds them to it
    with a foreign key over all three. `rate` is the exchange rate of the day on which the
    amount was last set.
    """

    record_type = RecordType.OPPORTUNITY

    name = models.CharField(max_length=250)
    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, related_name="opportunities"
    )
    primary_contact = models.ForeignKey(
        "accounts.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    pipeline = models.ForeignKey(
        "opportunities.Pipeline", on_delete=models.PROTECT, related_name="opportunities"
    )
    stage = models.ForeignKey(
        "opportunities.Stage",
        on_delete=models.PROTECT,
        db_constraint=False,
        related_name="opportunities",
    )
    stage_kind = models.CharField(max_length=4, choices=StageKind, editable=False)
    stage_since = models.DateTimeField(default=timezone.now, editable=False)
    amount = MoneyField(null=True, blank=True)
    currency = CurrencyField()
    rate = models.DecimalField(max_digits=18, decimal_places=8, default=1, editable=False)
    company_amount = models.GeneratedField(
        expression=Round(F("amount") * F("rate"), 2),
        output_field=MoneyField(),
        db_persist=True,
    )
    probability = models.PositiveSmallIntegerField(validators=[MaxValueValidator(100)])
    probability_overridden = models.BooleanField(default=False)
    forecast_category = models.CharField(max_length=10, choices=ForecastCategory)
    close_date = models.DateField(validators=[validate_day])
    close_date_pushes = models.PositiveSmallIntegerField(
        default=0, editable=False, help_text="How often the close date was moved later."
    )
    close_date_is_default = models.BooleanField(
        default=False, help_text="Nobody has chosen the close date yet."
    )
    type = models.CharField(max_length=10, choices=OpportunityType, default=OpportunityType.NEW)
    next_step = models.CharField(max_length=250, blank=True)
    next_step_on = models.DateField(null=True, blank=True, validators=[validate_day])
    description = models.TextField(blank=True)
    source = models.ForeignKey(
        "accounts.LeadSource",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    campaign = models.ForeignKey(
        "accounts.Campaign",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    competitor = models.CharField(max_length=120, blank=True)
    partner_account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    closed_at = models.DateTimeField(null=True, blank=True, editable=False)
    closed_reason = models.ForeignKey(
        "activities.Reason",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
    )
    closed_note = models.TextField(blank=True)
    last_activity_at = models.DateTimeField(null=True, blank=True, editable=False)
    external_id = models.CharField(max_length=120, blank=True)
    search_text = SearchTextField("name", "next_step", "competitor")

    objects = OpportunityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="opportunity_named",
                condition=~Q(name=""),
                violation_error_message="Give the opportunity a name.",
            ),
            models.CheckConstraint(
                name="opportunity_amount_not_negative",
                condition=Q(amount__isnull=True) | Q(amount__gte=0),
                violation_error_message="An amount cannot be negative.",
            ),
            models.CheckConstraint(
                name="opportunity_probability_is_percent",
                condition=Q(probability__range=(0, 100)),
                violation_error_message="A probability is between 0 and 100.",
            ),
            models.CheckConstraint(
                name="opportunity_category_known",
                condition=Q(forecast_category__in=ForecastCategory.values),
            ),
            models.CheckConstraint(
                name="opportunity_type_known",
                condition=Q(type__in=OpportunityType.values),
            ),
            models.CheckConstraint(
                name="opportunity_closed_at_matches_stage",
                condition=Q(stage_kind=StageKind.OPEN, closed_at__isnull=True)
                | (~Q(stage_kind=StageKind.OPEN) & Q(closed_at__isnull=False)),
                violation_error_message="Only a closed opportunity has a closing time.",
            ),
            models.CheckConstraint(
                name="opportunity_lost_for_a_reason",
                condition=~Q(stage_kind=StageKind.LOST) | Q(closed_reason__isnull=False),
                violation_error_message="Say why the opportunity was lost.",
            ),
            models.UniqueConstraint(fields=["id", "account"], name="opportunity_with_account"),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                name="opportunity_recent",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="opportunity_by_owner"),
            models.Index(
                fields=["close_date", "id"],
                name="opportunity_by_close_date",
                condition=Q(deleted_at__isnull=True),
            ),
            *(
                models.Index(
                    fields=[name, "id"],
                    name=f"opportunity_by_{name}",
                    condition=Q(deleted_at__isnull=True),
                )
                for name in ("name", "stage_since", "probability", "updated_at")
            ),
            *either_way("amount", name="opportunity_by_amount"),
            models.Index(
                fields=["stage", "owner"],
                name="opportunity_open",
                include=["company_amount", "probability", "close_date"],
                condition=Q(stage_kind="open", deleted_at__isnull=True),
            ),
            trigrams("search_text", name="opportunity_search"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address_of("opportunities:detail", self.pk)

    @property
    def is_open(self) -> bool:
        return self.stage_kind == StageKind.OPEN


class OpportunityMember(Member):
    """Somebody on an opportunity's team list."""

    record = models.ForeignKey(Opportunity, on_delete=models.CASCADE, related_name="members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "record"], name="opportunitymember_once"),
        ]

    def __str__(self):
        return f"{self.user_id} on opportunity {self.record_id}"


Opportunity.member_model = OpportunityMember


class OpportunityRole(models.TextChoices):
    DECISION_MAKER = "decision_maker", "Decision maker"
    ECONOMIC_BUYER = "economic_buyer", "Economic buyer"
    CHAMPION = "champion", "Champion"
    INFLUENCER = "influencer", "Influencer"
    EVALUATOR = "evaluator", "Evaluator"
    USER = "user", "User"
    BLOCKER = "blocker", "Blocker"
    OTHER = "other", "Other"


class ContactRole(models.Model):
    """The part a contact plays in a deal; at most one of them is the primary one."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.CASCADE, related_name="contact_roles"
    )
    contact = models.ForeignKey(
        "accounts.Contact", on_delete=models.PROTECT, related_name="opportunity_roles"
    )
    role = models.CharField(max_length=16, choices=OpportunityRole, default=OpportunityRole.OTHER)
    is_primary = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["opportunity", "contact"], name="contactrole_once"),
            models.UniqueConstraint(
                fields=["opportunity"],
                name="contactrole_one_primary",
                condition=Q(is_primary=True),
            ),
            models.CheckConstraint(
                name="contactrole_role_known",
                condition=Q(role__in=OpportunityRole.values),
            ),
        ]

    def __str__(self):
        return f"{self.contact_id} as {self.role}"


@field_history
class LineItem(models.Model):
    """A product in a deal. When there are any, together they make the deal's amount."""

    opportunity = models.ForeignKey(
        Opportunity, on_delete=models.CASCADE, related_name="line_items"
    )
    product = models.ForeignKey("opportunities.Product", on_delete=models.PROTECT, related_name="+")
    description = models.CharField(max_length=250, blank=True)
    quantity = models.DecimalField(max_digits=12, decimal_places=2, default=1)
    unit_price = MoneyField()
    discount_percent = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    total = models.GeneratedField(
        expression=Round(F("quantity") * F("unit_price") * (100 - F("discount_percent")) / 100, 2),
        output_field=MoneyField(),
        db_persist=True,
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="lineitem_quantity_positive",
                condition=Q(quantity__gt=0),
                violation_error_message="A quantity is more than zero.",
            ),
            models.CheckConstraint(
                name="lineitem_price_not_negative",
                condition=Q(unit_price__gte=0),
                violation_error_message="A price cannot be negative.",
            ),
            models.CheckConstraint(
                name="lineitem_discount_is_percent",
                condition=Q(discount_percent__range=(0, 100)),
                violation_error_message="A discount is between 0 and 100 percent.",
            ),
        ]

    def __str__(self):
        return f"{self.quantity} x {self.product_id}"
