"""A small company to try everything on: people, leads in every state, requests, deals."""

import datetime as dt

from django.utils import timezone

from accounts.models import LeadSource
from accounts.services import create_account, create_contact
from activities.services import log_activity
from leads.models import Criterion, Lead, LeadStatus, Queue, QueueMember, StatusKind
from leads.services import answer_criterion, create_lead, set_status
from opportunities.models import Product, Stage
from opportunities.services import create_opportunity
from people.models import Role, Team, TeamClosure, User

PASSWORD = "relay-demo"  # noqa: S105 - public on purpose, and made in demo mode only

PEOPLE = [
    ("admin@example.com", "Ada Lindgren", "admin", None),
    ("manager@example.com", "Nadia Berg", "manager", "Europe"),
    ("sdr@example.com", "Rita Ono", "sdr", "Europe North"),
    ("sdr2@example.com", "Priya Nair", "sdr", "Europe North"),
    ("sdr3@example.com", "Søren Dahl", "sdr", "Europe South"),
    ("ae@example.com", "Leo Haddad", "ae", "Europe North"),
    ("ae2@example.com", "Inês Prado", "ae", "Europe South"),
]
PRODUCTS = [("Team plan", 900), ("Business plan", 2400), ("Onboarding", 1500)]
# First and last name, title, company, domain, status kind, criteria that are confirmed.
LEADS = [
    ("Dana", "Whitfield", "VP Operations", "Halcyon Robotics", "halcyon.example", "qualified", 5),
    (
        "Marcus",
        "Oyelaran",
        "Head of RevOps",
        "Fernhill Logistics",
        "fernhill.example",
        "working",
        4,
    ),
    ("Ingrid", "Sørensen", "COO", "Nordlys Energi", "nordlys.example", "working", 3),
    ("Tomás", "Arrieta", "Director", "Quillon Foods", "quillon.example", "working", 3),
    ("Aisha", "Rahman", "CFO", "Brightwater Health", "brightwater.example", "new", 0),
    ("Julien", "Morel", "Owner", "Atelier Verdon", "verdon.example", "new", 0),
    ("Keiko", "Tanabe", "Head of IT", "Sumire Instruments", "sumire.example", "working", 2),
    ("Hanna", "Lindqvist", "VP Sales", "Polar Freight", "polarfreight.example", "nurturing", 1),
    ("Owen", "Castellanos", "Director", "Redstone Mutual", "redstone.example", "working", 5),
    ("Elena", "Petrova", "VP Logistics", "Baltica Shipping", "baltica.example", "working", 1),
]
WAITING = [
    ("Carlos", "Ibarra", "Mesa Verde Builders", "mesaverde.example"),
    ("Grace", "O'Connell", "Harbour & Finch", "harbourfinch.example"),
    ("Yusuf", "Demir", "Anadolu Textiles", "anadolu.example"),
]
DEALS = [
    ("Fernhill Logistics", "Lise", "Hagen", "Fernhill rollout", "Proposal", 72_000),
    ("Halcyon Labs", "Paul", "Tran", "Pilot, 10 seats", "Discovery", 9_500),
    ("Kestrel Aviation", "Samuel", "Brandt", "Kestrel renewal", "Negotiation", 41_000),
    ("Sunbird Retail", "Nomvula", "Dube", "Sunbird stores", "Evaluation", 28_000),
]


def make_demo_company() -> list[User]:
    """Everything, through the services that people and programs use. Returns the people."""
    people = dict(make_people())
    for name, price in PRODUCTS:
        Product.objects.create(name=name, unit_price=price, currency="EUR")
    make_leads(people["sdr@example.com"])
    make_queue(people["sdr@example.com"], people["sdr2@example.com"])
    make_deals(people["ae@example.com"])
    return list(people.values())


def make_people() -> list[tuple[str, User]]:
    europe = make_team("Europe", None)
    teams = {
        "Europe": europe,
        "Europe North": make_team("Europe North", europe),
        "Europe South": make_team("Europe South", europe),
    }
    return [
        (
            email,
            User.objects.create_user(
                email,
                PASSWORD,
                full_name=name,
                role=Role.objects.get(key=role),
                team=teams.get(team or ""),
            ),
        )
        for email, name, role, team in PEOPLE
    ]


def make_team(name: str, parent: Team | None) -> Team:
    """A team before there is anybody who could ask the service for it."""
    team = Team.objects.create(name=name, parent=parent)
    TeamClosure.objects.create(ancestor=team, descendant=team, depth=0)
    if parent is not None:
        TeamClosure.objects.create(ancestor=parent, descendant=team, depth=1)
    return team


def make_leads(sdr: User) -> None:
    source = LeadSource.objects.get(name="Inbound demo")
    criteria = list(
        Criterion.objects.filter(playbook__is_default=True, playbook__subject="lead").order_by(
            "position"
        )
    )
    today = timezone.localdate()
    for number, (first, last, title, company, domain, kind, confirmed) in enumerate(LEADS):
        lead = create_lead(
            actor=sdr,
            fields={
                "first_name": first,
                "last_name": last,
                "title": title,
                "company": company,
                "email": f"{first.lower().encode('ascii', 'ignore').decode()}@{domain}",
                "phone": f"+1 512 555 01{number + 40}",
                "source": source,
                "employees": 40 * (number + 1),
                "next_step": "Call back" if kind != "new" else "",
                "next_step_on": today + dt.timedelta(days=number % 4),
            },
        )
        if kind != StatusKind.NEW:
            log_activity(
                kind="call",
                actor=sdr,
                fields={"outcome": "connected", "body": "Wants pricing and a date."},
                lead=lead,
            )
            move(lead, kind, sdr, today)
        for criterion in criteria[:confirmed]:
            answer_criterion(
                lead=lead,
                criterion=criterion,
                state="confirmed",
                value="Confirmed on the phone",
                evidence="Said so in the first call.",
                actor=sdr,
            )


def move(lead: Lead, kind: str, actor: User, today: dt.date) -> None:
    wake_up_on = today + dt.timedelta(days=30) if kind == StatusKind.NURTURING else None
    set_status(
        lead=lead,
        status=LeadStatus.objects.default_for(kind),
        actor=actor,
        wake_up_on=wake_up_on,
    )


def make_queue(*members: User) -> None:
    queue = Queue.objects.get(is_default=True)
    QueueMember.objects.bulk_create(QueueMember(queue=queue, user=member) for member in members)
    for first, last, company, domain in WAITING:
        create_lead(
            actor=members[0],
            queue=queue,
            fields={
                "first_name": first,
                "last_name": last,
                "company": company,
                "email": f"{first.lower()}@{domain}",
                "source": LeadSource.objects.get(name="Website form"),
            },
        )


def make_deals(ae: User) -> None:
    today = timezone.localdate()
    for number, (company, first, last, name, stage, amount) in enumerate(DEALS):
        account = create_account(
            actor=ae,
            fields={"name": company, "website": f"https://{company.split()[0].lower()}.example"},
        )
        contact = create_contact(
            actor=ae, account=account, fields={"first_name": first, "last_name": last}
        )
        create_opportunity(
            actor=ae,
            account=account,
            fields={
                "name": name,
                "stage": Stage.objects.get(name=stage),
                "amount": amount,
                "close_date": today + dt.timedelta(days=20 * number - 5),
                "primary_contact": contact,
            },
        )
