"""What several pages ask about activities: what waits for somebody, and what they should know."""

import datetime as dt

from django.db.models import Count, Exists, F, Max, OuterRef, Q
from django.utils import timezone

from activities.models import Activity, ActivityKind, Event, Notification
from activities.models.activity import ActivityQuerySet
from people.models import User

# With more, a bell that is a little behind misleads nobody.
MOST_UNREAD = 1000


def end_of_today() -> dt.datetime:
    """The last moment of today on the reader's clock."""
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    return timezone.make_aware(dt.datetime.combine(tomorrow, dt.time.min))


def tasks_of(user: User) -> ActivityQuerySet:
    """The tasks that are the user's to do, done or not."""
    return Activity.objects.visible_to(user).filter(kind=ActivityKind.TASK, owner=user)


def open_tasks(user: User) -> ActivityQuerySet:
    """The user's tasks that are overdue or due today."""
    mine = Activity.objects.open_tasks().filter(owner=user)
    return mine.filter(due_at__lt=end_of_today())


def notifications_of(user: User):
    """
    What the user was told, as far as they may still see what it is about, the latest first.

    Something about no record, such as a task of one's own, stays visible.
    """
    visible = Event.objects.visible_to(user).filter(pk=OuterRef("event_id"))
    about_nothing = Q(
        event__lead__isnull=True,
        event__account__isnull=True,
        event__contact__isnull=True,
        event__opportunity__isnull=True,
    )
    mine = Notification.objects.filter(user=user)
    return mine.filter(about_nothing | Exists(visible)).order_by("-created_at", "-pk")


def unread(user: User):
    """The notifications that the user has not read yet, even of what they see no more."""
    return Notification.objects.filter(user=user, read_at__isnull=True)


def unread_tag(user: User) -> str:
    """What is another text as soon as something unread comes or is read. One query, by index."""
    latest = unread(user).order_by("-created_at")[:MOST_UNREAD]
    found = latest.aggregate(count=Count("pk"), newest=Max("pk"))
    return f"{user.pk}-{found['count']}-{found['newest']}"


def unread_notifications(user: User):
    """The user's notifications they have not read yet."""
    return notifications_of(user).filter(read_at__isnull=True)


def due_first(tasks: ActivityQuerySet) -> ActivityQuerySet:
    """The most urgent first; those without a date last."""
    return tasks.order_by(F("due_at").asc(nulls_last=True), "pk")
