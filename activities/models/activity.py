"""Notes, calls, meetings, mails, tasks and files: one row each, linked to what it is about."""

from django.conf import settings
from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, OuterRef, Q
from django.db.models.functions import JSONObject
from django.utils import timezone

from activities.models.links import LinkedQuerySet
from crm.fields import validate_day
from people.ownership import EqualsAny, id_array
from people.reach import Action, ReachLevel, RecordType


class ActivityKind(models.TextChoices):
    NOTE = "note", "Note"
    CALL = "call", "Call"
    MEETING = "meeting", "Meeting"
    EMAIL = "email", "Email"
    TASK = "task", "Task"
    FILE = "file", "File"


class Priority(models.TextChoices):
    LOW = "low", "Low"
    NORMAL = "normal", "Normal"
    HIGH = "high", "High"


class Direction(models.TextChoices):
    INBOUND = "inbound", "Inbound"
    OUTBOUND = "outbound", "Outbound"


class CallOutcome(models.TextChoices):
    CONNECTED = "connected", "Connected"
    VOICEMAIL = "voicemail", "Left a voicemail"
    NO_ANSWER = "no_answer", "No answer"
    CALLBACK = "callback", "Call back later"
    WRONG_NUMBER = "wrong_number", "Wrong number"
    NOT_INTERESTED = "not_interested", "Not interested"


class ActivityQuerySet(LinkedQuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """
        Live activities about records the user may see, and those within their own reach.

        Seeing is not yet changing: every action but `view` also needs an activity that is
        the user's, or belongs to people whom the role's level for that action covers.
        """
        if not user.is_authenticated:
            return self.none()
        to_view = user.reach.level(RecordType.ACTIVITY, Action.VIEW)
        level = user.reach.level(RecordType.ACTIVITY, action)
        if ReachLevel.NONE in (to_view, level):
            return self.none()
        visible = self.live()
        if to_view != ReachLevel.ALL:
            visible = visible.linked_to_visible(user, besides=self.belonging_to(user, to_view))
        if action == Action.VIEW or level == ReachLevel.ALL:
            return visible
        return visible.filter(self.belonging_to(user, level))

    def belonging_to(self, user, level):
        """Done, written or to be done by the user or by the people a level covers."""
        people = id_array(user.reach.user_ids(level))
        return Q(EqualsAny(F("owner_id"), people)) | Q(created_by=user)

    def live(self):
        return self.filter(deleted_at__isnull=True)

    def open_tasks(self):
        return self.live().filter(kind=ActivityKind.TASK, done_at__isnull=True)

    def with_parts(self):
        """Files, attendees and mentions in the same query, as the API shows them."""
        mine = {"activity": OuterRef("pk")}
        mentions = Activity.mentions.through.objects.filter(activity=OuterRef("pk"))
        return self.annotate(
            attachment_list=ArraySubquery(
                Attachment.objects.filter(**mine)
                .order_by("pk")
                .values(row=JSONObject(**{n: n for n in ("id", "name", "size", "content_type")}))
            ),
            attendee_list=ArraySubquery(
                Attendee.objects.filter(**mine)
                .order_by("pk")
                .values(row=JSONObject(email="email", user="user_id", contact="contact_id"))
            ),
            mention_list=ArraySubquery(mentions.order_by("user_id").values("user_id")),
        )


class Activity(models.Model):
    """
    Something somebody did or has to do about a lead, account, contact or opportunity.

    Conversion adds links to the same row; nothing is ever copied. `owner` is who
    did it, or for a task who has to.
    """

    kind = models.CharField(max_length=10, choices=ActivityKind)
    subject = models.CharField(max_length=250, blank=True)
    body = models.TextField(blank=True, help_text="Markdown.")
    at = models.DateTimeField(
        default=timezone.now,
        validators=[validate_day],
        help_text="When it happened or was written.",
    )
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    lead = models.ForeignKey(
        "leads.Lead",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
    )
    account = models.ForeignKey(
        "accounts.Account",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
    )
    contact = models.ForeignKey(
        "accounts.Contact",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
    )
    opportunity = models.ForeignKey(
        "opportunities.Opportunity",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="activities",
    )

    due_at = models.DateTimeField(null=True, blank=True, validators=[validate_day])
    remind_at = models.DateTimeField(null=True, blank=True, validators=[validate_day])
    priority = models.CharField(max_length=6, choices=Priority, default=Priority.NORMAL)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    direction = models.CharField(max_length=8, choices=Direction, blank=True)
    outcome = models.CharField(max_length=16, choices=CallOutcome, blank=True)
    duration_seconds = models.PositiveIntegerField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True, validators=[validate_day])
    location = models.CharField(max_length=250, blank=True)

    sender = models.CharField(max_length=254, blank=True)
    recipients = ArrayField(models.CharField(max_length=254), default=list, blank=True)
    message_id = models.CharField(max_length=250, blank=True)
    thread_id = models.CharField(max_length=250, blank=True)

    mentions = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        db_table="activities_mention",
    )

    objects = ActivityQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="activity_kind_known", condition=Q(kind__in=ActivityKind.values)
            ),
            models.CheckConstraint(
                name="activity_priority_known",
                condition=Q(priority__in=Priority.values),
            ),
            models.CheckConstraint(
                name="activity_direction_known",
                condition=Q(direction__in=["", *Direction.values]),
            ),
            models.CheckConstraint(
                name="activity_outcome_known",
                condition=Q(outcome__in=["", *CallOutcome.values]),
            ),
            models.CheckConstraint(
                name="activity_only_tasks_are_done",
                condition=Q(kind=ActivityKind.TASK) | Q(done_at__isnull=True),
            ),
            models.CheckConstraint(
                name="activity_ends_after_start",
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("at")),
                violation_error_message="It cannot end before it starts.",
            ),
            models.UniqueConstraint(
                fields=["message_id"],
                name="activity_mail_once",
                condition=~Q(message_id=""),
            ),
        ]
        indexes = [
            *(
                models.Index(
                    fields=[name, "-at", "-id"],
                    name=f"activity_by_{name}",
                    condition=Q(deleted_at__isnull=True, **{f"{name}__isnull": False}),
                )
                for name in ("lead", "account", "contact", "opportunity")
            ),
            models.Index(
                fields=["owner", "due_at"],
                name="activity_open_tasks",
                condition=Q(kind="task", done_at__isnull=True, deleted_at__isnull=True),
            ),
            models.Index(fields=["-at", "-id"], name="activity_recent"),
        ]

    def __str__(self):
        return self.subject or f"{self.get_kind_display()} {self.pk}"

    @property
    def linked(self) -> list[models.Model]:
        """What it is about, the most particular first. Fetch the links with it."""
        names = ("opportunity", "lead", "contact", "account")
        return [record for name in names if (record := getattr(self, name)) is not None]


class Attendee(models.Model):
    """Somebody at a meeting: a colleague, a contact, or just an address."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="attendees")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    contact = models.ForeignKey(
        "accounts.Contact", on_delete=models.PROTECT, null=True, related_name="+"
    )
    email = models.EmailField(blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="attendee_is_somebody",
                condition=Q(user__isnull=False) | Q(contact__isnull=False) | ~Q(email=""),
            ),
        ]

    def __str__(self):
        return self.email or f"attendee {self.pk}"


class AttachmentQuerySet(models.QuerySet):
    def visible_to(self, user, action=Action.VIEW):
        """The files of the activities on which the user may perform `action`."""
        activities = Activity.objects.visible_to(user, action).order_by()
        return self.filter(activity__in=activities.values("pk"))


def attachment_path(attachment: "Attachment", filename: str) -> str:
    """A path that tells nothing: the name people gave is kept in the row only."""
    return f"attachments/{attachment.sha256[:2]}/{attachment.sha256}"


class Attachment(models.Model):
    """A file that belongs to an activity, and is as visible as that."""

    activity = models.ForeignKey(Activity, on_delete=models.CASCADE, related_name="attachments")
    file = models.FileField(upload_to=attachment_path, max_length=200)
    name = models.CharField(max_length=250)
    content_type = models.CharField(max_length=120, blank=True)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = AttachmentQuerySet.as_manager()

    def __str__(self):
        return self.name
