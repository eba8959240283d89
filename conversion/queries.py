"""What waits for whom in the handoff, and the lists of the inbox."""

from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from conversion.errors import PassedOn
from conversion.models import (
    ConversionRequest,
    ConversionRequestQuerySet,
    RequestState,
    RequestTransition,
)
from leads.models import Lead
from people.models import User
from people.ownership import EqualsAny
from people.reach import Action, RecordType

# A rail is read from the top, by due time: further down nobody looks.
RAIL_LENGTH = 100

WAITING, APPROVED, DISPUTED, DECIDED, MINE = "waiting", "approved", "disputes", "decided", "mine"
LABELS = {
    WAITING: "Waiting",
    APPROVED: "Approved, not converted",
    DISPUTED: "Disputes",
    DECIDED: "Decided",
    MINE: "My requests",
}
SHOWN = (
    "path",
    "requester",
    "approver",
    "reason",
    "decided_by",
    "dispute_decided_by",
    "lead__status",
    "lead__owner",
    "lead__source",
    "lead__campaign",
)
DECIDED_STATES = (
    RequestState.SENT_BACK,
    RequestState.CONVERTED,
    RequestState.REJECTED,
    RequestState.UPHELD,
    RequestState.RECALLED,
    RequestState.LAPSED,
)


@dataclass(frozen=True)
class Tab:
    """One list of the inbox, and how many requests wait in it."""

    key: str
    label: str
    count: int = 0


@dataclass(frozen=True)
class Place:
    """Where a request stands in the list of a tab, from 1, and its neighbors there."""

    show: str
    number: int
    total: str
    previous: ConversionRequest | None
    next: ConversionRequest | None


@dataclass(frozen=True)
class Inbox:
    """The requests of one tab, those for the user apart from those for others."""

    show: str
    tabs: list[Tab]
    own: list[ConversionRequest]
    others: list[ConversionRequest]
    waiting: int  # As many as the sidebar counts: requests and disputes.
    overdue: int

    @property
    def rows(self) -> list[ConversionRequest]:
        return [*self.own, *self.others]

    def place_of(self, request: ConversionRequest | None) -> Place:
        """Where a request stands; what is not in the list stands before its first."""
        rows = self.rows
        number = next((n for n, row in enumerate(rows, 1) if request and row.pk == request.pk), 0)
        return Place(
            show=self.show,
            number=number,
            total=f"{len(rows)}+" if len(rows) == RAIL_LENGTH else str(len(rows)),
            previous=rows[number - 2] if number > 1 else None,
            next=rows[number] if number < len(rows) else None,
        )


def to_decide(user: User) -> ConversionRequestQuerySet:
    """
    What waits for this person: requests to decide, and disputes to judge.

    Whoever asked, decided or rejected does not judge the dispute about it.
    """
    return ConversionRequest.objects.visible_to(user, Action.DECIDE).filter(
        asked_of(user) | disputed_before(user)
    )


def asked_of(user: User) -> Q:
    """Requests of which this person is the approver."""
    return Q(state=RequestState.PENDING, approver=user)


def disputed_before(user: User) -> Q:
    """Disputes that this person, if they may decide for the approver, may judge."""
    return Q(state=RequestState.DISPUTED) & ~(
        Q(approver=user) | Q(requester=user) | Q(decided_by=user)
    )


def inbox(user: User, show: str = "") -> Inbox:
    """
    The requests of one tab in the order in which they are due; two queries.

    Without a known tab, what a person works on: an approver's waiting requests, otherwise
    their own requests.
    """
    decides = user.can(RecordType.REQUEST, Action.DECIDE)
    requests = user.can(RecordType.LEAD, Action.REQUEST)
    keys = [*([WAITING, APPROVED, DISPUTED, DECIDED] if decides else []), MINE]
    if decides and not requests:
        keys.remove(MINE)
    if show not in keys:
        show = keys[0]
    decidable = ConversionRequest.objects.visible_to(user, Action.DECIDE)
    now = timezone.now()
    counts = decidable.order_by().aggregate(
        waiting=Count("pk", asked_of(user)),
        overdue=Count("pk", asked_of(user) & Q(due_at__lt=now)),
        approved=Count("pk", Q(state=RequestState.APPROVED, approver=user)),
        disputes=Count("pk", disputed_before(user)),
    )
    rows = list(reviewable(requests_of(user, show), user)[:RAIL_LENGTH])
    return Inbox(
        show=show,
        tabs=[Tab(key, LABELS[key], counts.get(key, 0)) for key in keys],
        own=[row for row in rows if show == MINE or row.approver_id == user.pk],
        others=[row for row in rows if show != MINE and row.approver_id != user.pk],
        waiting=counts["waiting"] + counts["disputes"],
        overdue=counts["overdue"],
    )


def requests_of(user: User, show: str) -> QuerySet:
    """The requests of one tab: what is to be done by due time, the rest latest first."""
    decidable = ConversionRequest.objects.visible_to(user, Action.DECIDE).for_list()
    match show:
        case "waiting":
            return decidable.waiting()
        case "approved":
            return decidable.filter(state=RequestState.APPROVED)
        case "disputes":
            return decidable.filter(state=RequestState.DISPUTED)
        case "decided":
            return decidable.filter(state__in=DECIDED_STATES).order_by("-updated_at", "-pk")
        case _:
            left = ArraySubquery(ConversionRequest.objects.left_to(user).values("pk"))
            own = Q(requester=user) | Q(EqualsAny(F("pk"), left))
            known = Q() if user.can(RecordType.REQUEST, Action.VIEW) else Q(pk__in=[])
            requests = ConversionRequest.objects.filter(own & known)
            return requests.for_list().order_by("-updated_at", "-pk")


def passed_on(pk: int, user: User) -> RequestTransition | None:
    """The step by which somebody else got to decide a request that was this person's to decide."""
    taken = RequestTransition.objects.filter(
        request=pk, action__in=("reassign", "overturn"), facts__from=user.pk
    )
    return taken.select_related("actor", "request__approver").order_by("-at", "-pk").first()


def require_not_passed_on(pk: int, user: User, typed: str = "") -> None:
    """Raise PassedOn, which keeps what was `typed`, if somebody else got to decide a request."""
    if (step := passed_on(pk, user)) is not None:
        raise PassedOn(step, typed)


def reviewable(requests: QuerySet, user: User) -> QuerySet:
    """Requests with all that a page shows of one, and what the user may do: no further query."""
    itself = {"pk": OuterRef("pk")}
    known = ConversionRequest.objects.visible_to
    return requests.select_related(*SHOWN).annotate(
        may_decide=Exists(known(user, Action.DECIDE).filter(**itself)),
        may_reassign=Exists(known(user, Action.ASSIGN).filter(**itself)),
        may_open_lead=Exists(Lead.objects.visible_to(user).filter(pk=OuterRef("lead_id"))),
    )


def tab_of(request: ConversionRequest, user: User) -> str:
    """The tab in which a user finds a request."""
    has_left = not request.requester.is_active
    if request.requester_id == user.pk or (has_left and request.lead.owner_id == user.pk):
        return MINE
    states: dict[str, str] = {
        RequestState.PENDING: WAITING,
        RequestState.APPROVED: APPROVED,
        RequestState.DISPUTED: DISPUTED,
    }
    return states.get(request.state, DECIDED)


def steps_of(request: ConversionRequest) -> QuerySet[RequestTransition]:
    """The history of a request, with who took each step and why, the latest first."""
    return request.transitions.select_related("actor", "reason").order_by("-at", "-pk")


def approved_request(lead_id: int, user: User) -> ConversionRequest | None:
    """The approved request that this person may carry out by converting its lead."""
    decidable = ConversionRequest.objects.visible_to(user, Action.DECIDE)
    return decidable.filter(lead_id=lead_id, state=RequestState.APPROVED).first()
