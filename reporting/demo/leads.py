"""The demo company's leads: those being worked, and those waiting in the queue."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from accounts.models import LeadSource
from activities.models import Reason, ReasonKind
from activities.services import log_activity
from leads.models import Criterion, Lead, LeadStatus, Path, Queue, QueueMember, StatusKind
from leads.services import answer_criterion, create_lead, set_status, update_lead
from opportunities.models import Product
from people.models import User
from reporting.demo.clock import at, days_ago
from reporting.demo.firms import known_of


@dataclass(frozen=True)
class Person:
    """Somebody who showed interest, and where they work."""

    first_name: str
    last_name: str
    title: str
    company: str
    domain: str
    employees: int
    source: str = "Inbound demo"

    @property
    def email(self) -> str:
        return f"{slugify(self.first_name)}@{self.domain}"


# Whose it is, how far it is, how many criteria are confirmed, days since it came, days until
# the next step, and who.
LEADS: list[tuple[str, str, int, int, int | None, Person]] = [
    ("sdr", "working", 3, 9, 0, Person("Ingrid", "Sørensen", "COO", "Nordlys Energi", "nordlys.example", 320, "Referral")),
    ("sdr", "working", 4, 12, -2, Person("Tomás", "Arrieta", "Director", "Quillon Foods", "quillon.example", 140, "Webinar")),
    ("sdr", "new", 0, 0, None, Person("Aisha", "Rahman", "CFO", "Brightwater Health", "brightwater.example", 900)),
    ("sdr", "new", 0, 1, None, Person("Julien", "Morel", "Owner", "Atelier Verdon", "verdon.example", 8, "Website form")),
    ("sdr", "working", 2, 6, 1, Person("Keiko", "Tanabe", "Head of IT", "Sumire Instruments", "sumire.example", 210)),
    ("sdr", "nurturing", 1, 40, None, Person("Hanna", "Lindqvist", "VP Sales", "Polar Freight", "polarfreight.example", 75)),
    ("sdr", "qualified", 5, 15, 0, Person("Owen", "Castellanos", "Director", "Redstone Mutual", "redstone.example", 460)),
    ("sdr", "disqualified", 1, 33, None, Person("Beatriz", "Faria", "Buyer", "Casa Faria", "casafaria.example", 4, "Cold email")),
    ("sdr2", "working", 2, 5, 0, Person("Elena", "Petrova", "VP Logistics", "Baltica Shipping", "baltica.example", 540)),
    ("sdr2", "qualified", 5, 20, 3, Person("Noor", "Haddou", "CIO", "Meridian Clinics", "meridian.example", 1200, "Event")),
    ("sdr3", "working", 3, 8, 0, Person("Matteo", "Greco", "CEO", "Officine Greco", "officinegreco.example", 60, "Partner")),
    ("ae", "qualified", 5, 11, 0, Person("Ursula", "Wirth", "CEO", "Wirth Optik", "wirthoptik.example", 85, "Referral")),
    ("ae2", "working", 3, 7, 1, Person("Tiago", "Moura", "Head of IT", "Moura Cork", "mouracork.example", 65, "Referral")),
    ("sdr3", "new", 0, 1, None, Person("Clara", "Vidal", "Head of Sales", "Viñas Vidal", "vinasvidal.example", 35)),
]  # fmt: skip
WAITING = [
    Person("Carlos", "Ibarra", "Owner", "Mesa Verde Builders", "mesaverde.example", 25),
    Person("Grace", "O'Connell", "Partner", "Harbour & Finch", "harbourfinch.example", 110),
    Person("Yusuf", "Demir", "VP Supply", "Anadolu Textiles", "anadolu.example", 700),
    Person("Freya", "Holm", "Head of IT", "Skagen Marine", "skagenmarine.example", 95),
]
# What people said, by the key of the criterion: the answer, and the words.
ANSWERS = {
    "budget": ("About 48,000 a year", "We have set aside 48 for this, give or take."),
    "authority": ("Signs herself up to 100,000", "Above a hundred I would need the board."),
    "need": (
        "Handovers are lost between two tools",
        "Last quarter we lost three deals in there.",
    ),
    "timeline": ("Live before the next quarter", "The old contract ends with the quarter."),
    "meeting": ("Demo held with operations and IT", "Forty minutes; IT asked for the API docs."),
    "trial": ("Two weeks with eight people", "All eight still sign in every day."),
}


def make_leads(people: dict[str, User]) -> dict[str, Lead]:
    """Leads in every state short of converted, by their last name."""
    made = {}
    for owner, kind, confirmed, days, next_step, person in LEADS:
        actor = people[owner]
        lead = make_lead(person, actor, days)
        if kind != StatusKind.NEW:
            work(lead, actor, days)
            with at(days_ago(days * 0.6, 14)):
                answer(lead, actor, list(ANSWERS)[:confirmed])
            with at(days_ago(days * 0.5, 15)):
                move(lead, kind, actor)
        if next_step is not None:
            plan_next_step(lead, actor, next_step)
        made[person.last_name] = lead
    return made


def make_lead(
    person: Person, actor: User, days: float, *, queue: Queue | None = None, **fields: Any
) -> Lead:
    """A lead that came some days ago, the actor's unless it waits in a queue."""
    number = Lead.objects.count()
    values = {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "company": person.company,
        "email": person.email,
        "phone": f"+1 512 555 {140 + number:04}",
        "website": f"https://{person.domain}",
        "employees": person.employees,
        **known_of(person.domain),
        "source": LeadSource.objects.get(name=person.source),
        "products": [(Product.objects.order_by("pk")[number % 2], 10 + 5 * (number % 4))],
    }
    with at(days_ago(days, 9, 7 * number % 60)):
        return create_lead(actor=actor, queue=queue, fields=values | fields)


def work(lead: Lead, actor: User, days: float) -> None:
    """A voicemail, then a talk, then what was promised."""
    with at(days_ago(days * 0.95, 11)):
        log_activity(
            kind="call",
            actor=actor,
            fields={"outcome": "voicemail", "body": "Left my number and the reason."},
            lead=lead,
        )
    talk(lead, actor, days * 0.8)
    with at(days_ago(days * 0.75, 16)):
        log_activity(
            kind="email",
            actor=actor,
            fields={"subject": "Pricing, as promised", "body": "The price list, two references."},
            lead=lead,
        )


def talk(lead: Lead, actor: User, days: float) -> None:
    """The call in which they said what the answers quote."""
    with at(days_ago(days, 11)):
        log_activity(
            kind="call",
            actor=actor,
            fields={
                "outcome": "connected",
                "duration_seconds": 780,
                "body": "Handovers between sales and delivery get lost. Wants pricing and a date.",
            },
            lead=lead,
        )


def answer(lead: Lead, actor: User, keys: list[str]) -> None:
    """Confirm these criteria of the lead's playbook."""
    criteria = Criterion.objects.filter(
        playbook__is_default=True, playbook__subject="lead", key__in=keys
    )
    heard = lead.activities.filter(kind="call", outcome="connected").first()
    for criterion in criteria.order_by("position"):
        value, words = ANSWERS[criterion.key]
        answer_criterion(
            lead=lead,
            criterion=criterion,
            state="confirmed",
            value=value,
            evidence=words,
            evidence_activity=heard,
            actor=actor,
        )


def confirm(lead: Lead, actor: User, path_key: str) -> Path:
    """Confirm what a path requires. Returns the path."""
    path = Path.objects.get(key=path_key, playbook__is_default=True)
    required = path.path_criteria.filter(is_required=True)
    answer(lead, actor, list(required.values_list("criterion__key", flat=True)))
    return path


def move(lead: Lead, kind: str, actor: User) -> None:
    is_out = kind == StatusKind.DISQUALIFIED
    set_status(
        lead=lead,
        status=LeadStatus.objects.default_for(kind),
        actor=actor,
        reason=Reason.objects.get(kind=ReasonKind.DISQUALIFY, code="bad_fit") if is_out else None,
        wake_up_on=timezone.localdate() + dt.timedelta(days=60)
        if kind == StatusKind.NURTURING
        else None,
    )


def plan_next_step(lead: Lead, actor: User, days: int) -> None:
    due = timezone.localdate() + dt.timedelta(days=days)
    changes = {"next_step": "Call back about the rollout", "next_step_on": due}
    with at(days_ago(2, 16)):
        update_lead(lead=lead, changes=changes, actor=actor)


def make_queue(people: dict[str, User]) -> None:
    """Leads nobody has taken yet, those who may, and the team whose manager sees them wait."""
    queue = Queue.objects.get(is_default=True)
    queue.team = people["manager"].team
    queue.save(update_fields=["team"])
    members = [people["sdr"], people["sdr2"], people["sdr3"]]
    QueueMember.objects.bulk_create(QueueMember(queue=queue, user=member) for member in members)
    for person in WAITING:
        make_lead(person, members[0], 0, queue=queue)
