"""The demo company's conversion requests: at least one in every state."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from accounts.models import Account
from accounts.services import create_contact, update_account
from activities.models import Reason, ReasonKind
from activities.services import log_activity
from conversion.models import ConversionRequest, LeadOutcome
from conversion.plans import ConversionPlan, TargetPlan
from conversion.services import (
    approve,
    decide_dispute,
    dispute,
    recall,
    reject,
    send_back,
    submit_request,
)
from leads.models import Criterion, StatusKind
from leads.services import update_lead
from opportunities.models import Opportunity
from people.models import User
from reporting.demo.clock import at, days_ago, hours_ago
from reporting.demo.leads import Person, confirm, make_lead, move, work

MESSAGE = "Qualified over two calls and a demo. They decide before the quarter ends."

# One thing that became of a request, by whoever does that.
Step = Callable[[ConversionRequest], Any]


def sent_back(doubted: list[str], message: str) -> Step:
    def step(request: ConversionRequest) -> None:
        criteria = Criterion.objects.filter(playbook=request.path.playbook_id, key__in=doubted)
        ids = criteria.values_list("pk", flat=True)
        send_back(request=request, actor=request.approver, doubted=ids, message=message)

    return step


def approved(note: str) -> Step:
    return lambda request: approve(request=request, actor=request.approver, note=note)


def recalled(note: str) -> Step:
    return lambda request: recall(request=request, actor=request.requester, note=note)


def renamed(company: str) -> Step:
    """The lead's company, which lets the request lapse."""
    return lambda request: update_lead(
        lead=request.lead, changes={"company": company}, actor=request.requester
    )


def rejected(code: str, note: str) -> Step:
    return lambda request: reject(
        request=request,
        actor=request.approver,
        reason=Reason.objects.get(kind=ReasonKind.REJECT, code=code),
        outcome=LeadOutcome.KEEP_WORKING,
        note=note,
    )


def disputed(statement: str) -> Step:
    return lambda request: dispute(request=request, actor=request.requester, statement=statement)


def upheld(statement: str) -> Step:
    return lambda request: decide_dispute(
        request=request,
        actor=User.objects.get(email="manager@example.com"),
        overturn=False,
        statement=statement,
    )


@dataclass(frozen=True)
class Asked:
    """A request: by whom, of whom, how many days ago, for how much, about whom; and what then."""

    sdr: str
    ae: str
    days: float
    amount: int
    person: Person
    path: str = "meeting_held"
    account_of: str = ""
    lead: dict[str, Any] = field(default_factory=dict)
    then: tuple[tuple[float, Step], ...] = ()


# Those that wait (one with a strong duplicate, one late, one fresh, one elsewhere), those that
# were decided, and two rejections that were contested: one still is, one stood.
REQUESTS = [
    Asked(
        "sdr", "ae", 0, 48_000,
        Person("Dana", "Whitfield", "VP Operations", "Halcyon Robotics Inc.", "halcyonrobotics.example", 240),
        account_of="Pilot, 10 seats",
        lead={"rating": "hot", "mobile": "+1 512 555 0190"},
    ),
    Asked("sdr2", "ae", 4, 26_000, Person("Marcus", "Oyelaran", "Head of RevOps", "Tidewater Freight", "tidewater.example", 380)),
    Asked("sdr", "ae", 0, 15_000, Person("Sanne", "de Vries", "COO", "Polder Agri", "polderagri.example", 95), path="trial_first"),
    Asked("sdr3", "ae2", 1, 31_000, Person("Giulia", "Rinaldi", "CFO", "Rinaldi Marmi", "rinaldimarmi.example", 70)),
    Asked(
        "sdr", "ae", 3, 22_000, Person("Viktor", "Hale", "Director", "Greyfen Water", "greyfen.example", 160),
        then=((2, sent_back(["budget", "authority"], "Who signs? And is the 22,000 a wish or a budget? Then I take it at once.")),),
    ),
    Asked(
        "sdr", "ae", 4, 58_000, Person("Naomi", "Adler", "VP Finance", "Adler Instruments", "adlerinstruments.example", 520),
        then=((3, approved("Convert once the contract of their old tool ends.")),),
    ),
    Asked(
        "sdr2", "ae", 6, 8_000, Person("Piotr", "Zielinski", "Owner", "Zielinski Meble", "meble.example", 30),
        then=((5, recalled("Their budget moved to next year.")),),
    ),
    Asked(
        "sdr2", "ae2", 5, 44_000, Person("Leila", "Farah", "CIO", "Cedar Clinics", "cedarclinics.example", 640),
        then=((4, renamed("Cedar Health Group")),),
    ),
    Asked(
        "sdr", "ae", 12, 4_000, Person("Ronan", "Byrne", "Buyer", "Byrne Catering", "byrnecatering.example", 12),
        then=((11, rejected("not_ready", "Nothing before spring. Worth a call then.")),),
    ),
    Asked(
        "sdr", "ae", 7, 36_000, Person("Yara", "Nassar", "Head of Growth", "Oasis Retail", "oasisretail.example", 210),
        then=(
            (6, rejected("no_authority", "Growth does not buy software there.")),
            (5, disputed("She signed their last two tools; both invoices are linked in the timeline.")),
        ),
    ),
    Asked(
        "sdr2", "ae", 21, 7_500, Person("Stefan", "Kolar", "Director", "Kolar Papier", "kolarpapier.example", 40),
        then=(
            (20, rejected("bad_fit", "They print; there is nobody who would use it.")),
            (19, disputed("They said they would hire a team.")),
            (18, upheld("Let us ask again when the team is there.")),
        ),
    ),
]  # fmt: skip


def make_requests(people: dict[str, User], deals: dict[str, Opportunity]) -> None:
    """What waits for whom, and what has been decided."""
    accounts = {name: deal.account for name, deal in deals.items()}
    meet_halcyon(people["ae"], accounts["Pilot, 10 seats"])
    for asked in REQUESTS:
        request = ask(asked, people[asked.sdr], people[asked.ae], accounts.get(asked.account_of))
        for days, step in asked.then:
            with at(days_ago(days)):
                step(request)
            request.refresh_from_db()


def meet_halcyon(ae: User, account: Account) -> None:
    """The account that a waiting lead already is, and a contact who may be the same person."""
    with at(days_ago(18, 12)):
        update_account(account=account, changes={"phone": "+1 512 555 0190"}, actor=ae)
        create_contact(
            actor=ae,
            account=account,
            fields={
                "first_name": "Dana",
                "last_name": "Whitfield",
                "title": "Operations",
                "email": "d.whitfield@halcyonrobotics.example",
            },
        )


def ask(asked: Asked, sdr: User, ae: User, account: Account | None) -> ConversionRequest:
    """A lead from its first call to the request."""
    days = asked.days
    lead = make_lead(asked.person, sdr, days + 8, **asked.lead)
    work(lead, sdr, days + 8)
    with at(days_ago(days + 2, 14)):
        log_activity(
            kind="meeting",
            actor=sdr,
            fields={"subject": "Demo for operations and IT", "body": "They asked about the API."},
            lead=lead,
        )
        met = confirm(lead, sdr, asked.path)
        move(lead, StatusKind.QUALIFIED, sdr)
    with at(days_ago(days, 10) if days else hours_ago(1.5)):
        return submit_request(
            lead=lead,
            path=met,
            plan=ConversionPlan(
                account=TargetPlan("existing", id=account.pk) if account else TargetPlan("create"),
                contact=TargetPlan("create"),
                opportunity=TargetPlan("create", fields={"amount": asked.amount}),
            ),
            actor=sdr,
            approver=ae,
            message=MESSAGE,
        )
