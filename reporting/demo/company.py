"""The demo company as a whole: its people and products, and in which order it is made."""

from django.db import transaction

from activities.models import Notification
from activities.services import mark_read
from crm.configuration.services import accept_configuration
from opportunities.models import Product
from people.models import Role, Team, TeamClosure, User
from reporting.demo.deals import make_deals
from reporting.demo.handoff import make_requests
from reporting.demo.leads import make_leads, make_queue
from reporting.demo.past import make_past
from reporting.demo.tasks import make_tasks

PASSWORD = "relay-demo"  # noqa: S105 - public on purpose, and made in demo mode only

# Key, name, role, team; the address is the key at example.com.
PEOPLE = [
    ("admin", "Ada Lindgren", "admin", None),
    ("manager", "Nadia Berg", "manager", "Europe"),
    ("sdr", "Rita Ono", "sdr", "Europe North"),
    ("sdr2", "Priya Nair", "sdr", "Europe North"),
    ("sdr3", "Søren Dahl", "sdr", "Europe South"),
    ("ae", "Leo Haddad", "ae", "Europe North"),
    ("ae2", "Inês Prado", "ae", "Europe South"),
]
PRODUCTS = [("Team plan", 900), ("Business plan", 2400), ("Onboarding", 1500)]


def make_demo_company() -> list[User]:
    """
    Everything, through the services that people and programs use. Returns the people.

    The handoff's steps have transactions of their own, so this cannot be one.
    """
    with transaction.atomic():
        people = make_people()
        Product.objects.bulk_create(
            Product(name=name, unit_price=price, currency="EUR") for name, price in PRODUCTS
        )
        deals = make_deals(people)
        leads = make_leads(people)
        make_queue(people)
        accept_configuration(actor=people["admin"])
    make_past(people)
    for person in people.values():
        mark_read(notifications=Notification.objects.all(), actor=person)
    make_requests(people, deals)
    make_tasks(people, leads, deals)
    return list(people.values())


def make_people() -> dict[str, User]:
    """The people, by their key."""
    europe = make_team("Europe", None)
    teams = {
        "Europe": europe,
        "Europe North": make_team("Europe North", europe),
        "Europe South": make_team("Europe South", europe),
    }
    return {
        key: User.objects.create_user(
            f"{key}@example.com",
            PASSWORD,
            full_name=name,
            role=Role.objects.get(key=role),
            team=teams.get(team or ""),
        )
        for key, name, role, team in PEOPLE
    }


def make_team(name: str, parent: Team | None) -> Team:
    """A team before there is anybody who could ask the service for it."""
    team = Team.objects.create(name=name, parent=parent)
    TeamClosure.objects.create(ancestor=team, descendant=team, depth=0)
    if parent is not None:
        TeamClosure.objects.create(ancestor=parent, descendant=team, depth=1)
    return team
