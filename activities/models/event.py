"""The append-only event log, and the notifications made from it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Func, Q
from django.utils import timezone

from activities.models.links import LINKS, LinkedQuerySet
from people.reach import Action, ReachLevel

# What a manager wants to know of the deals since yesterday; of edits, the pushed close dates.
DEAL_MOVES = [
    "opportunity.edited",
    "opportunity.lost",
    "opportunity.reopened",
    "opportunity.stage_changed",
    "opportunity.won",
]


class CurrentTransaction(Func):
    """The number of the running transaction, by which readers tell settled rows from open ones."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class OldestRunning(Func):
    """The number of the oldest transaction that may still commit; below it all is settled."""

    template = "(pg_snapshot_xmin(pg_current_snapshot())::text::bigint)"
    output_field = models.BigIntegerField()


class EventQuerySet(LinkedQuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """
        What happened to records the user may see, and what the user did.

        Who sees all records sees the whole log. Nobody may do anything else with it.
        """
        if not (user.is_authenticated and user.is_active) or action != Action.VIEW:
            return self.none()
        levels = {user.reach.level(name, Action.VIEW) for name in LINKS}
        if levels == {ReachLevel.ALL}:
            return self
        return self.linked_to_visible(user, besides=Q(actor=user))

    def settled(self):
        """
        The rows no running transaction can still precede.

        Ids are taken before a transaction commits, so a reader that only remembers the
        last id it saw misses rows that commit late. Reading in the order of
        (transaction_id, id), below the oldest running transaction, misses none.
        """
        return self.filter(transaction_id__lt=OldestRunning()).order_by("transaction_id", "pk")


def link(model: str) -> models.ForeignKey:
    """
    A link that costs no foreign-key check; rows are never deleted, so none can dangle.

    The indexes below begin with each of them.
    """
    return models.ForeignKey(
        model,
        on_delete=models.DO_NOTHING,
        null=True,
        db_constraint=False,
        db_index=False,
        related_name="events",
    )


class Event(models.Model):
    """Something that happened: history for people, audit, outbox and feed in one row."""

    event_id = models.UUIDField(default=uuid.uuid4, unique=True)
    at = models.DateTimeField(default=timezone.now)
    transaction_id = models.BigIntegerField(db_default=CurrentTransaction())
    request_id = models.CharField(max_length=64, blank=True)
    verb = models.CharField(max_length=60)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        db_index=False,
        null=True,
        related_name="+",
    )
    lead = link("leads.Lead")
    account = link("accounts.Account")
    contact = link("accounts.Contact")
    opportunity = link("opportunities.Opportunity")
    subject_type = models.CharField(
        max_length=40,
        blank=True,
        help_text="What else it is about, such as user or request.",
    )
    subject_id = models.BigIntegerField(null=True)
    changes = models.JSONField(default=dict, help_text="{field: [old, new]} and other facts.")
    note = models.TextField(blank=True)

    objects = EventQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["transaction_id", "id"], name="event_feed"),
            models.Index(
                fields=["lead", "-at", "-id"],
                name="event_by_lead",
                condition=Q(lead__isnull=False),
            ),
            models.Index(
                fields=["account", "-at", "-id"],
                name="event_by_account",
                condition=Q(account__isnull=False),
            ),
            models.Index(
                fields=["contact", "-at", "-id"],
                name="event_by_contact",
                condition=Q(contact__isnull=False),
            ),
            models.Index(
                fields=["opportunity", "-at", "-id"],
                name="event_by_opportunity",
                condition=Q(opportunity__isnull=False),
            ),
            models.Index(fields=["subject_type", "subject_id"], name="event_by_subject"),
            models.Index(fields=["actor", "-at"], name="event_by_actor"),
            models.Index(
                fields=["-at", "-id"], name="event_deal_moved", condition=Q(verb__in=DEAL_MOVES)
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["lead"],
                name="event_one_conversion",
                condition=Q(verb="lead.converted"),
            ),
        ]

    def __str__(self):
        return f"{self.verb} ({self.pk})"


class Notification(models.Model):
    """An event that somebody in particular should know of."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="notifications")
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="notification_once_per_event"),
        ]
        indexes = [
            models.Index(
                fields=["user", "-created_at"],
                name="notification_unread",
                condition=Q(read_at__isnull=True),
            ),
        ]

    def __str__(self):
        return f"{self.event_id} for {self.user_id}"
