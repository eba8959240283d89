"""The demo company's conversion requests: at least one in every state."""

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


def make_requests(people: dict[str, User], deals: dict[str, Opportunity]) -> None:
    """What waits for whom, and what has been decided."""
    halcyon = deals["Pilot, 10 seats"].account
    meet_halcyon(people["ae"], halcyon)
    make_waiting(people, halcyon)
    make_decided(people)
    make_disputed(people)


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


def make_waiting(people: dict[str, User], halcyon: Account) -> None:
    """Requests that are due: one with a strong duplicate, one late, one fresh, one elsewhere."""
    rita, priya, soren = people["sdr"], people["sdr2"], people["sdr3"]
    leo, ines = people["ae"], people["ae2"]
    dana = Person(
        "Dana",
        "Whitfield",
        "VP Operations",
        "Halcyon Robotics Inc.",
        "halcyonrobotics.example",
        240,
    )
    ask(
        dana,
        rita,
        leo,
        days=0,
        amount=48_000,
        account=halcyon,
        rating="hot",
        mobile="+1 512 555 0190",
    )
    ask(
        Person(
            "Marcus", "Oyelaran", "Head of RevOps", "Tidewater Freight", "tidewater.example", 380
        ),
        priya,
        leo,
        days=4,
        amount=26_000,
    )
    ask(
        Person("Sanne", "de Vries", "COO", "Polder Agri", "polderagri.example", 95),
        rita,
        leo,
        days=0,
        amount=15_000,
        path="trial_first",
    )
    ask(
        Person("Giulia", "Rinaldi", "CFO", "Rinaldi Marmi", "rinaldimarmi.example", 70),
        soren,
        ines,
        days=1,
        amount=31_000,
    )


def make_decided(people: dict[str, User]) -> None:
    """Sent back twice over, approved, recalled, lapsed, rejected."""
    rita, priya, leo, ines = people["sdr"], people["sdr2"], people["ae"], people["ae2"]
    wanting = ask(
        Person("Viktor", "Hale", "Director", "Greyfen Water", "greyfen.example", 160),
        rita,
        leo,
        days=3,
        amount=22_000,
    )
    doubted = Criterion.objects.filter(
        playbook=wanting.path.playbook_id, key__in=["budget", "authority"]
    )
    with at(days_ago(2)):
        send_back(
            request=wanting,
            actor=leo,
            doubted=doubted.values_list("pk", flat=True),
            message="Who signs? And is the 22,000 a wish or a budget? Then I take it at once.",
        )
    ready = ask(
        Person(
            "Naomi", "Adler", "VP Finance", "Adler Instruments", "adlerinstruments.example", 520
        ),
        rita,
        leo,
        days=4,
        amount=58_000,
    )
    with at(days_ago(3)):
        approve(request=ready, actor=leo, note="Convert once the contract of their old tool ends.")
    taken_back = ask(
        Person("Piotr", "Zielinski", "Owner", "Zielinski Meble", "meble.example", 30),
        priya,
        leo,
        days=6,
        amount=8_000,
    )
    with at(days_ago(5)):
        recall(request=taken_back, actor=priya, note="Their budget moved to next year.")
    moved = ask(
        Person("Leila", "Farah", "CIO", "Cedar Clinics", "cedarclinics.example", 640),
        priya,
        ines,
        days=5,
        amount=44_000,
    )
    with at(days_ago(4)):
        update_lead(lead=moved.lead, changes={"company": "Cedar Health Group"}, actor=priya)
    refuse(
        ask(
            Person("Ronan", "Byrne", "Buyer", "Byrne Catering", "byrnecatering.example", 12),
            rita,
            leo,
            days=12,
            amount=4_000,
        ),
        leo,
        "not_ready",
        "Nothing before spring. Worth a call then.",
        days=11,
    )


def make_disputed(people: dict[str, User]) -> None:
    """Two rejections that were contested: one still is, one stood."""
    rita, priya, leo, nadia = people["sdr"], people["sdr2"], people["ae"], people["manager"]
    open_one = ask(
        Person("Yara", "Nassar", "Head of Growth", "Oasis Retail", "oasisretail.example", 210),
        rita,
        leo,
        days=7,
        amount=36_000,
    )
    refuse(open_one, leo, "no_authority", "Growth does not buy software there.", days=6)
    with at(days_ago(5)):
        dispute(
            request=open_one,
            actor=rita,
            statement="She signed their last two tools; both invoices are linked in the timeline.",
        )
    settled = ask(
        Person("Stefan", "Kolar", "Director", "Kolar Papier", "kolarpapier.example", 40),
        priya,
        leo,
        days=21,
        amount=7_500,
    )
    refuse(settled, leo, "bad_fit", "They print; there is nobody who would use it.", days=20)
    with at(days_ago(19)):
        dispute(request=settled, actor=priya, statement="They said they would hire a team.")
    with at(days_ago(18)):
        decide_dispute(
            request=settled,
            actor=nadia,
            overturn=False,
            statement="Let us ask again when the team is there.",
        )


def ask(
    person: Person,
    sdr: User,
    ae: User,
    *,
    days: float,
    amount: int,
    account: Account | None = None,
    path: str = "meeting_held",
    **fields: Any,
) -> ConversionRequest:
    """A lead from its first call to the request."""
    lead = make_lead(person, sdr, days + 8, **fields)
    work(lead, sdr, days + 8)
    with at(days_ago(days + 2, 14)):
        log_activity(
            kind="meeting",
            actor=sdr,
            fields={"subject": "Demo for operations and IT", "body": "They asked about the API."},
            lead=lead,
        )
        met = confirm(lead, sdr, path)
        move(lead, StatusKind.QUALIFIED, sdr)
    with at(days_ago(days, 10) if days else hours_ago(1.5)):
        return submit_request(
            lead=lead,
            path=met,
            plan=ConversionPlan(
                account=TargetPlan("existing", id=account.pk) if account else TargetPlan("create"),
                contact=TargetPlan("create"),
                opportunity=TargetPlan("create", fields={"amount": amount}),
            ),
            actor=sdr,
            approver=ae,
            message=MESSAGE,
        )


def refuse(request: ConversionRequest, ae: User, code: str, note: str, *, days: float) -> None:
    with at(days_ago(days)):
        reject(
            request=request,
            actor=ae,
            reason=Reason.objects.get(kind=ReasonKind.REJECT, code=code),
            outcome=LeadOutcome.KEEP_WORKING,
            note=note,
        )
