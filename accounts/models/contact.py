"""People."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db import models
from django.db.models import F, OuterRef, Q

from accounts.models.account import AccountMember
from crm.addresses import address_of
from crm.fields import PostalAddress, SearchTextField
from crm.history import field_history
from crm.indexes import trigrams
from people.ownership import EqualsAny, OwnedQuerySet, Record, id_array, shared_with
from people.reach import RecordType


class ContactQuerySet(OwnedQuerySet):
    def within(self, reach, level, action):
        """A contact has no team list of its own: its account's counts."""
        shared = shared_with(reach.user_id, action, AccountMember)
        owned = Q(EqualsAny(F("owner_id"), id_array(reach.user_ids(level))))
        return owned | Q(EqualsAny(F("account_id"), shared))

    def for_list(self):
        return self.select_related("owner", "account").order_by("-created_at", "-pk")

    def with_further(self):
        """Each row's further addresses and numbers, in the same query."""
        return self.annotate(
            further_emails=ArraySubquery(
                ContactEmail.objects.filter(contact=OuterRef("pk")).order_by("pk").values("email")
            ),
            further_phones=ArraySubquery(
                ContactPhone.objects.filter(contact=OuterRef("pk")).order_by("pk").values("phone")
            ),
        )


@field_history
class Contact(Record, PostalAddress):
    """A person at an account."""

    record_type = RecordType.CONTACT

    account = models.ForeignKey(
        "accounts.Account", on_delete=models.PROTECT, related_name="contacts"
    )
    salutation = models.CharField(max_length=20, blank=True)
    first_name = models.CharField(max_length=120, blank=True)
    last_name = models.CharField(max_length=120)
    title = models.CharField(max_length=120, blank=True)
    department = models.CharField(max_length=120, blank=True)
    email = models.EmailField(blank=True, help_text="The primary address.")
    phone = models.CharField(max_length=60, blank=True, help_text="The primary number.")
    mobile = models.CharField(max_length=60, blank=True)
    description = models.TextField(blank=True)
    reports_to = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="reports"
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
    do_not_call = models.BooleanField(default=False)
    do_not_email = models.BooleanField(default=False)
    external_id = models.CharField(max_length=120, blank=True)

    email_key = models.CharField(max_length=254, blank=True, editable=False)
    phone_key = models.CharField(max_length=40, blank=True, editable=False)
    mobile_key = models.CharField(max_length=40, blank=True, editable=False)
    person_key = models.CharField(max_length=250, blank=True, editable=False)
    search_text = SearchTextField("first_name", "last_name", "email", "phone", "mobile", "title")

    objects = ContactQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="contact_named",
                condition=~Q(last_name=""),
                violation_error_message="Give the contact a last name.",
            ),
            models.CheckConstraint(
                name="contact_does_not_report_to_itself",
                condition=Q(reports_to__isnull=True) | ~Q(reports_to=F("id")),
                violation_error_message="A contact cannot report to themselves.",
            ),
            models.UniqueConstraint(fields=["id", "account"], name="contact_with_account"),
        ]
        indexes = [
            models.Index(
                fields=["-created_at", "-id"],
                name="contact_recent",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["last_name", "first_name", "id"],
                name="contact_by_name",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(
                fields=["first_name", "id"],
                name="contact_by_first_name",
                condition=Q(deleted_at__isnull=True),
            ),
            models.Index(fields=["owner", "-created_at", "-id"], name="contact_by_owner"),
            models.Index(fields=["email_key"], name="contact_by_email"),
            models.Index(fields=["phone_key"], name="contact_by_phone"),
            models.Index(fields=["mobile_key"], name="contact_by_mobile"),
            models.Index(fields=["person_key"], name="contact_by_person"),
            trigrams("search_text", name="contact_search"),
        ]

    def __str__(self):
        return self.name

    def get_absolute_url(self):
        return address_of("accounts:contact", self.pk)

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class ContactEmail(models.Model):
    """A further address of a contact, beside the primary one."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="other_emails")
    email = models.EmailField()
    email_key = models.CharField(max_length=254, editable=False, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "email_key"], name="contactemail_once"),
        ]

    def __str__(self):
        return self.email


class ContactPhone(models.Model):
    """A further number of a contact, beside the primary ones."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="other_phones")
    phone = models.CharField(max_length=60)
    phone_key = models.CharField(max_length=40, editable=False, db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "phone"], name="contactphone_once"),
        ]

    def __str__(self):
        return self.phone
