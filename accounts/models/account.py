"""Companies and organizations."""

import re

from django.db import models
from django.db.models import F, Q

from crm.addresses import address_of
from crm.fields import CurrencyField, MoneyField, PostalAddress, SearchTextField
from crm.history import field_history
from crm.indexes import either_way, trigrams
from people.ownership import Member, OwnedQuerySet, Record
from people.reach import RecordType

# Stricter than a browser: what it refuses is shown as text.
WEB_ADDRESS = re.compile(
    r"https?://[^\s/?#@:.\\]+(?:\.[^\s/?#@:.\\]+)+(?::\d+)?(?:[/?#]\S*)?", re.IGNORECASE
)


class AccountType(models.TextChoices):
    PROSPECT = "prospect", "Prospect"
    CUSTOMER = "customer", "Customer"
    PARTNER = "partner", "Partner"
    VENDOR = "vendor", "Vendor"
    OTHER = "other", "Other"


class AccountQuerySet(OwnedQuerySet):
    def for_list(self):
        return self.select_related("owner").order_by("-created_at", "-pk")


@field_history
class Account(Record, PostalAddress):
    """A company or organization."""

    record_type = RecordType.ACCOUNT

    name = models.CharField(max_length=200)
    type = models.CharField(max_length=10, choices=AccountType, default=AccountType.PROSPECT)
    industry = models.CharField(max_length=120, blank=True)
    employees = models.PositiveIntegerField(null=True, blank=True)
    annual_revenue = MoneyField(null=True, blank=True)
    currency = CurrencyField(blank=True)
    website = models.CharField(max_length=250, blank=True)
    phone = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children"
    )
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
    external_id = models.CharField(max_length=120, blank=True)

    name_key = models.CharField(max_length=200, blank=True, editable=False)
    domain_key = models.CharField(max_length=253, blank=True, editable=False)
    phone_key = models.CharField(max_length=40, blank=True, editable=False)
    search_text = SearchTextField("name", "website", "phone", "city")

    objects = AccountQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="account_type_known", condition=Q(type__in=AccountType.values)
            ),
            models.CheckConstraint(
                name="account_not_its_own_parent",
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")),
                violation_error_message="An account cannot be above itself.",
            ),
            models.CheckConstraint(
                name="account_named",
                condition=~Q(name=""),
                violation_error_message="Give the account a name.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                name="account_recent",
                condition=Q(deleted_at__isnull=True),
            ),
            # Of deleted ones too: contacts are sorted by it as well.
            models.Index(fields=["name", "id"], name="account_in_order"),
            *either_way("employees", name="account_by_size"),
            models.Index(
                fields=["type", "-created_at", "-id"],
                name="account_by_type",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="account_by_owner"),
            models.Index(fields=["domain_key"], name="account_by_domain"),
            models.Index(fields=["phone_key"], name="account_by_phone"),
            models.Index(fields=["name_key"], name="account_by_name_key"),
            trigrams("name_key", name="account_name_like"),
            trigrams("search_text", name="account_search"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address_of("accounts:detail", self.pk)

    @property
    def web_address(self) -> str:
        """The website as a link may lead there; empty for what is no plain web address."""
        address = self.website if "://" in self.website else f"https://{self.website}"
        return address if WEB_ADDRESS.fullmatch(address) else ""


class AccountMember(Member):
    """Somebody on an account's team list."""

    record = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="members")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "record"], name="accountmember_once"),
        ]

    def __str__(self):
        return f"{self.user_id} on account {self.record_id}"


Account.member_model = AccountMember
