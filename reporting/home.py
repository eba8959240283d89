"""Home: what waits for the person who signs in, by what they may do."""

import datetime as dt
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from activities.models import Activity, ActivityKind, Event
from activities.models.event import DEAL_MOVES
from activities.queries import open_tasks
from activities.sentences import Narrator, Sentence
from conversion.models import ConversionRequest, RequestState
from conversion.queries import to_decide
from crm.clock import midnight
from crm.counts import capped_counts
from crm.http import Request
from leads.models import Lead, StatusKind
from leads.work_queue import entries, work_queue, worked_today
from opportunities.models import Opportunity
from people.models import User
from people.reach import Action, ReachLevel, RecordType

SHOWN = 5
MOVES_SHOWN = 8
CLOSING_WITHIN = dt.timedelta(days=14)
# Whose events are about how leads and deals move on.
REVIEWED = (
    "criterion",
    "exitrequirement",
    "leadstatus",
    "path",
    "pipeline",
    "playbook",
    "stage",
)
WIDE = (ReachLevel.TEAM, ReachLevel.SUBTREE, ReachLevel.ALL)


@require_GET
def home(request: Request) -> HttpResponse:
    """The parts of the page that this person has work in."""
    user = request.user
    context: dict[str, Any] = {"hello": greeting(), "now": timezone.now()}
    if user.can(RecordType.SETTINGS, Action.EDIT):
        context["first_steps"] = first_steps()
    is_manager = user.reach.level(RecordType.REPORT, Action.VIEW) in WIDE
    if user.can(RecordType.LEAD, Action.REQUEST) and not is_manager:
        context |= own_work(user)
    if user.can(RecordType.REQUEST, Action.DECIDE):
        context |= decisions(user)
    if user.can(RecordType.OPPORTUNITY, Action.EDIT):
        context["closing"] = closing_soon(user)
    if is_manager:
        context["numbers"] = numbers(user)
        context["moves"] = deal_moves(user)
    context["tasks"] = tasks_due(user)
    return render(request, "home.html", context)


def greeting() -> str:
    hour = timezone.localtime().hour
    return "Good morning" if hour < 12 else "Good afternoon" if hour < 18 else "Good evening"


def own_work(user: User) -> dict[str, Any]:
    """The head of the queue, the requests that came back, and those that wait."""
    own = ConversionRequest.objects.visible_to(user).filter(requester=user).for_list()
    sent_back = own.filter(state__in=[RequestState.SENT_BACK, RequestState.LAPSED]).select_related(
        "decided_by"
    )
    return {
        "queue": entries(work_queue(user)[:SHOWN]),
        "waiting": work_queue(user).count(),
        "done": worked_today(user),
        "sent_back": list(sent_back[:SHOWN]),
        "asked": list(own.waiting()[:SHOWN]),
        "week": own_week(user),
    }


def own_week(user: User) -> list[dict[str, Any]]:
    """What a person has done since Monday."""
    today = midnight()
    monday = today - dt.timedelta(days=today.weekday())
    logged = Activity.objects.live().filter(created_by=user, at__gte=monday)
    requests = ConversionRequest.objects.filter(requester=user)
    counts = capped_counts(
        {
            "Calls": logged.filter(kind=ActivityKind.CALL),
            "Requested": requests.filter(submitted_at__gte=monday),
            "Approved": requests.filter(
                decided_at__gte=monday, state__in=[RequestState.APPROVED, RequestState.CONVERTED]
            ),
        }
    )
    return [{"label": label, "count": count} for label, (count, _) in counts.items()]


def decisions(user: User) -> dict[str, Any]:
    """The requests and disputes this person is asked to decide, the most urgent first."""
    return {"to_decide": list(to_decide(user).for_list().order_by("due_at", "pk")[:SHOWN])}


def closing_soon(user: User) -> list[Opportunity]:
    """A person's own open deals that should close within two weeks, late ones too."""
    return list(
        Opportunity.objects.visible_to(user)
        .open()
        .filter(owner=user, close_date__lte=timezone.localdate() + CLOSING_WITHIN)
        .select_related("account", "stage")
        .order_by("close_date", "pk")[:SHOWN]
    )


def numbers(user: User) -> list[dict[str, Any]]:
    """What a manager looks at first, each a link to what it counts."""
    requests = ConversionRequest.objects.visible_to(user)
    leads = Lead.objects.visible_to(user)
    found = capped_counts(
        {
            "waiting": requests.waiting(),
            "overdue": requests.overdue(),
            "new": leads.filter(created_at__gte=midnight()),
            "unassigned": leads.filter(owner__isnull=True).exclude(
                status_kind__in=[StatusKind.DISQUALIFIED, StatusKind.CONVERTED]
            ),
            "deals": Opportunity.objects.visible_to(user).open(),
        }
    )
    requests_list, leads_list = reverse("conversion:requests"), reverse("leads:list")
    shown = [
        ("waiting", "Requests waiting", f"{requests_list}?state=pending"),
        ("overdue", "Requests overdue", f"{requests_list}?overdue=true"),
        ("new", "New leads today", f"{leads_list}?view=today"),
        ("unassigned", "Unassigned leads", f"{leads_list}?view=unassigned"),
        ("deals", "Open opportunities", f"{reverse('opportunities:list')}?view=open"),
    ]
    return [
        {"label": label, "url": url, "count": found[key][0], "is_capped": found[key][1],
         "is_bad": key == "overdue" and found[key][0] > 0}
        for key, label, url in shown
    ]  # fmt: skip


def deal_moves(user: User) -> list[tuple[Event, Sentence]]:
    """What became of the deals in sight since yesterday began: moved, pushed, won, lost."""
    deals = Opportunity.objects.visible_to(user).order_by()
    events = list(
        Event.objects.filter(
            ~Q(verb="opportunity.edited") | Q(changes__has_key="close_date"),
            Exists(deals.filter(pk=OuterRef("opportunity_id"))),
            verb__in=DEAL_MOVES,
            at__gte=midnight() - dt.timedelta(days=1),
        )
        .select_related("actor")
        .order_by("-at", "-pk")[:MOVES_SHOWN]
    )
    narrator = Narrator(user)
    narrator.prepare(events)
    return [(event, narrator.tell(event)) for event in events]


def tasks_due(user: User) -> list[Activity]:
    """Open tasks that are due by the end of today."""
    links = ("lead", "account", "contact", "opportunity")
    return list(open_tasks(user).select_related(*links).order_by("due_at", "pk")[:SHOWN])


def is_configuration_reviewed() -> bool:
    """Whether somebody has changed how leads and deals move on, or said that it suits them."""
    changed = Q(subject_type__in=REVIEWED)
    accepted = Q(subject_type="workspace", verb="settings.accepted")
    return Event.objects.filter(changed | accepted).exists()


def first_steps() -> list[dict[str, Any]]:
    """What an admin sets up first; each ticks itself, and all are gone once all are done."""
    people = User.objects.active().exclude(role__key="integration")
    steps = [
        ("Add your people", "users-round", "settings:users", people.count() > 1),
        (
            "Review stages and criteria",
            "list-checks",
            "settings:index",
            is_configuration_reviewed(),
        ),
        ("Bring in leads", "upload", "integrations:import", Lead.objects.exists()),
        (
            "Invite somebody who approves",
            "user-round-check",
            "settings:users",
            people.filter(
                role__permissions__record_type=RecordType.REQUEST,
                role__permissions__action=Action.DECIDE,
                role__permissions__level=ReachLevel.OWN,
            ).exists(),
        ),
    ]
    if all(done for *_, done in steps):
        return []
    return [
        {"title": title, "icon": icon, "url": reverse(name), "done": done}
        for title, icon, name, done in steps
    ]
