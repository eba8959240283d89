"""What to do next: a person's open leads in the order in which they should be worked."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from activities.models import Activity
from crm.clock import midnight
from leads.models import HandoffState, Lead, LeadClaim, Queue, StatusKind
from leads.services.assignment import NOT_WAITING
from people.models import User

# The lead waits for somebody else: its requester has nothing to do.
WITH_AN_APPROVER = (HandoffState.PENDING, HandoffState.APPROVED, HandoffState.DISPUTED)
HOT_SCORE = 75


class Turn(models.IntegerChoices):
    """Why a lead stands where it stands; a lower turn comes first."""

    FIRST_REPLY = 1, "New leads that nobody has answered yet"
    SENT_BACK = 2, "Requests that were sent back"
    WOKE_UP = 3, "Nurtured leads whose day has come"
    HOT = 4, f"Hot leads, with a score of {HOT_SCORE} or more"
    DUE_TODAY = 5, "Next steps due today"
    OVERDUE = 6, "Next steps that are late, the oldest first"
    UNPLANNED = 7, "Leads without a next step"


TONES = {
    Turn.FIRST_REPLY: "red",
    Turn.SENT_BACK: "amber",
    Turn.WOKE_UP: "amber",
    Turn.HOT: "violet",
    Turn.DUE_TODAY: "blue",
    Turn.OVERDUE: "red",
    Turn.UNPLANNED: "gray",
}


@dataclass(frozen=True)
class Entry:
    """A lead of the queue, with the reason for its place and the color of that reason."""

    lead: Lead
    why: str
    tone: str
    is_free: bool = True


def to_work_on(user: User, today: dt.date | None = None) -> models.QuerySet[Lead]:
    """
    The leads a person should work on now.

    Leads with a next step on a later day, those asleep until a date, and those waiting
    for an approver are not among them.
    """
    today = today or timezone.localdate()
    is_due = Q(next_step_on__isnull=True) | Q(next_step_on__lte=today)
    return (
        Lead.objects.own(user, "edit")
        .open()
        .exclude(handoff_state__in=WITH_AN_APPROVER)
        .exclude(status_kind=StatusKind.NURTURING, wake_up_on__gt=today)
        .filter(is_due | Q(handoff_state=HandoffState.SENT_BACK))
    )


def work_queue(user: User, today: dt.date | None = None) -> models.QuerySet[Lead]:
    """The leads `to_work_on`, first things first, annotated with their `turn`."""
    today = today or timezone.localdate()
    return (
        to_work_on(user, today)
        .select_related("claim__user")
        .annotate(turn=turn_on(today))
        .order_by("turn", F("next_step_on").asc(nulls_last=True), "-score", "pk")
    )


def turn_on(today: dt.date) -> Case:
    """The rule of the order, as shown under "Why this order?"."""
    return Case(
        When(
            status_kind=StatusKind.NEW,
            first_response_at__isnull=True,
            then=Value(Turn.FIRST_REPLY),
        ),
        When(handoff_state=HandoffState.SENT_BACK, then=Value(Turn.SENT_BACK)),
        When(status_kind=StatusKind.NURTURING, then=Value(Turn.WOKE_UP)),
        When(score__gte=HOT_SCORE, then=Value(Turn.HOT)),
        When(next_step_on=today, then=Value(Turn.DUE_TODAY)),
        When(next_step_on__lt=today, then=Value(Turn.OVERDUE)),
        default=Value(Turn.UNPLANNED),
        output_field=models.PositiveSmallIntegerField(),
    )


def entries(leads: Any, today: dt.date | None = None) -> list[Entry]:
    """The leads of a queue, each with its reason. One query."""
    today = today or timezone.localdate()
    return [entry_of(lead, today) for lead in leads]


def entry_of(lead: Any, today: dt.date) -> Entry:
    """A queue is one's own: whoever else has opened a lead of it is no owner."""
    claim = running_claim(lead)
    if claim and claim.user_id != lead.owner_id:
        return Entry(lead, f"{claim.user} is on it", "gray", is_free=False)
    return Entry(lead, reason(lead, today), TONES[Turn(lead.turn)])


def others_claim(lead: Lead, user: User) -> LeadClaim | None:
    """The claim of somebody else, who is on the lead just now."""
    claim = running_claim(lead)
    return claim if claim and claim.user != user else None


def running_claim(lead: Lead) -> LeadClaim | None:
    """Who has opened the lead and is on it; no query where the claim was joined."""
    claim = getattr(lead, "claim", None)
    return claim if claim and claim.is_running else None


def reason(lead: Any, today: dt.date) -> str:
    """Why this lead now, in a few words."""
    match Turn(lead.turn):
        case Turn.FIRST_REPLY:
            return "New, no reply yet"
        case Turn.SENT_BACK:
            return "Sent back to you"
        case Turn.WOKE_UP:
            return "Back from nurturing"
        case Turn.HOT:
            return f"Hot: score {lead.score}"
        case Turn.DUE_TODAY:
            return f"{lead.next_step or 'Next step'}, due today"
        case Turn.OVERDUE:
            days = (today - lead.next_step_on).days
            return f"{lead.next_step or 'Next step'}, {days} {'day' if days == 1 else 'days'} late"
        case _:
            return "No next step yet"


def waiting_leads(user: User) -> models.QuerySet[Queue]:
    """The queues of which a person is a member, each with the count of its `waiting` leads."""
    return (
        Queue.objects.filter(members=user, is_active=True)
        .annotate(
            waiting=models.Count(
                "leads",
                filter=Q(leads__owner__isnull=True, leads__deleted_at__isnull=True)
                & ~Q(leads__status_kind__in=NOT_WAITING),
            )
        )
        .order_by("name", "pk")
    )


def worked_today(user: User) -> int:
    """How many leads a person has logged something about since midnight on their clock."""
    return logged_today(user).aggregate(leads=models.Count("lead", distinct=True))["leads"]


def left_today(user: User) -> int:
    """How many leads a person still has to work on, besides those that `worked_today` counts."""
    worked = logged_today(user).filter(lead=models.OuterRef("pk"))
    return to_work_on(user).exclude(models.Exists(worked)).count()


def logged_today(user: User) -> models.QuerySet[Activity]:
    logged: models.QuerySet[Activity] = Activity.objects.live().filter(
        created_by=user, lead__isnull=False, at__gte=midnight()
    )
    return logged
