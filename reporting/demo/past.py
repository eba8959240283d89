"""Half a year of conversions, with what became of them."""

from dataclasses import dataclass

from accounts.services import update_account
from activities.models import Reason
from conversion.models import Conversion
from conversion.plans import ConversionPlan, TargetPlan
from conversion.services import convert_lead, submit_request
from opportunities.models import Opportunity, StageKind
from people.models import User
from reporting.demo.clock import at, days_ago
from reporting.demo.deals import advance, meet
from reporting.demo.leads import Person, confirm, make_lead, talk

CREATE, EXISTING, NONE = TargetPlan("create"), "existing", TargetPlan("none")


@dataclass(frozen=True)
class Story:
    """One converted lead: days since it was converted, between whom, and how it went on."""

    days: int
    sdr: str
    ae: str
    person: Person
    amount: int | None
    # A stage; "Won"; or "Lost" with the code of the reason.
    ending: str = ""
    reason: str = ""
    cycle: int = 0


STORIES = [
    Story(172, "sdr", "ae", Person("Astrid", "Nyberg", "COO", "Vinterhav Shipping", "vinterhav.example", 430), 54_000, "Won", "product", 46),
    Story(165, "sdr2", "ae", Person("Colin", "Frayne", "IT Director", "Frayne & Moss", "fraynemoss.example", 80), 18_000, "Lost", "price", 33),
    Story(150, "sdr3", "ae2", Person("Lucia", "Ferrante", "CFO", "Acqua Alta", "acquaalta.example", 260), 39_500, "Won", "relationship", 51),
    Story(141, "sdr", "ae", Person("Henrik", "Aas", "VP Supply", "Fjordmat", "fjordmat.example", 190), 27_000, "Won", "price", 40),
    Story(128, "sdr2", "ae", Person("Miriam", "Stolz", "Head of Sales", "Stolz Antriebe", "stolz.example", 340), 61_000, "Lost", "competitor", 58),
    Story(117, "sdr", "ae", Person("Declan", "Roche", "Director", "Roche Timber", "rochetimber.example", 55), 12_000, "Won", "product", 28),
    Story(104, "sdr3", "ae2", Person("Sofia", "Marin", "CEO", "Marin Cerámica", "marinceramica.example", 45), 21_000, "Lost", "no_decision", 47),
    Story(96, "sdr2", "ae", Person("Jonas", "Bakke", "CIO", "Bakke Energi", "bakkeenergi.example", 820), 88_000, "Won", "product", 62),
    Story(83, "sdr", "ae", Person("Amelie", "Laurent", "VP Operations", "Laurent Textiles", "laurent.example", 300), None),
    Story(71, "sdr3", "ae2", Person("Diego", "Ramos", "Head of IT", "Ramos Logística", "ramos.example", 150), 33_000, "Won", "relationship", 44),
    Story(58, "sdr2", "ae", Person("Priscilla", "Wong", "Director", "Lotus Trading", "lotustrading.example", 90), 16_500, "Lost", "timing", 30),
    Story(44, "sdr", "ae", Person("Oleg", "Marchenko", "COO", "Dnipro Steel", "dniprosteel.example", 1500), 64_000, "Proposal", cycle=30),
    Story(29, "sdr", "ae", Person("Fatima", "Zahra", "CFO", "Atlas Minerals", "atlasminerals.example", 610), 47_000, "Evaluation", cycle=15),
    Story(16, "sdr3", "ae2", Person("Bruno", "Costa", "Owner", "Costa Vinhos", "costavinhos.example", 25), None),
    Story(9, "sdr2", "ae", Person("Ines", "Keller", "VP Sales", "Keller Optik", "kelleroptik.example", 130), 19_000, "Discovery"),
]  # fmt: skip


def make_past(people: dict[str, User]) -> None:
    """Every story, and one more lead of a company that has a deal already."""
    for story in STORIES:
        conversion = convert(story, people)
        if conversion.opportunity is not None and story.cycle:
            go_on(story, conversion.opportunity, people[story.ae])
    join_the_deal(people)


def convert(story: Story, people: dict[str, User]) -> Conversion:
    """From the first call to the receipt."""
    sdr, ae, days = people[story.sdr], people[story.ae], story.days
    lead = make_lead(story.person, sdr, days + 10)
    talk(lead, sdr, days + 8)
    deal = NONE if story.amount is None else TargetPlan("create", fields={"amount": story.amount})
    plan = ConversionPlan(account=CREATE, contact=CREATE, opportunity=deal)
    with at(days_ago(days + 1, 9)):
        path = confirm(lead, sdr, "phone_interest" if days % 2 else "trial_first")
        request = submit_request(
            lead=lead,
            path=path,
            plan=plan,
            actor=sdr,
            approver=ae,
            message="All they still need is an offer.",
        )
    with at(days_ago(days, 15)):
        return convert_lead(lead=request.lead, plan=plan, actor=ae, request=request)


def go_on(story: Story, opportunity: Opportunity, ae: User) -> None:
    """The deal, as far as it got."""
    kind = story.ending.lower()
    reason = Reason.objects.get(kind=kind, code=story.reason) if story.reason else None
    meet(opportunity, ae, story.days)
    advance(
        opportunity,
        story.ending,
        ae,
        begun=story.days,
        ended=story.days - story.cycle,
        reason=reason,
    )
    if kind == StageKind.WON:
        # Nothing does this by itself: people say what an account is to them.
        with at(days_ago(story.days - story.cycle - 1)):
            update_account(account=opportunity.account, changes={"type": "customer"}, actor=ae)


def join_the_deal(people: dict[str, User]) -> None:
    """The third way: the lead of a company whose deal exists joins it."""
    sdr, ae = people["sdr"], people["ae"]
    deal = Opportunity.objects.get(name="Sunbird stores")
    person = Person("Thabo", "Nkosi", "Store Manager", "Sunbird Retail", "sunbird.example", 700)
    lead = make_lead(person, sdr, 14)
    plan = ConversionPlan(
        account=TargetPlan("existing", id=deal.account_id),
        contact=CREATE,
        opportunity=TargetPlan("existing", id=deal.pk),
        contact_role="champion",
    )
    with at(days_ago(8)):
        path = confirm(lead, sdr, "phone_interest")
        request = submit_request(lead=lead, path=path, plan=plan, actor=sdr, approver=ae)
    with at(days_ago(7)):
        convert_lead(lead=request.lead, plan=plan, actor=ae, request=request)
