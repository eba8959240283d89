"""The demo company's open deals, among them one for every kind of trouble."""

import datetime as dt

from django.utils import timezone

from accounts.models import Account
from accounts.services import create_account, create_contact
from activities.models import Reason
from activities.services import log_activity
from leads.services import answer_deal_criteria
from opportunities.models import Opportunity, Product, Stage, StageKind
from opportunities.services import (
    add_contact_role,
    create_opportunity,
    move_stage,
    set_line_items,
    update_opportunity,
)
from people.models import User
from reporting.demo.clock import at, days_ago
from reporting.demo.firms import known_of

# What is known of a deal by the key of its criterion, in the order in which one learns it.
KNOWN = {
    "pain": ("Two people retype every order", "We hire for typing. That cannot go on."),
    "metrics": ("Twelve hours a week saved", "Counted together in the workshop."),
    "champion": ("The head of operations", "Prepared the numbers for the board herself."),
    "decision_criteria": (
        "Fits their ERP, live in six weeks",
        "From their own list of ten points.",
    ),
    "economic_buyer": ("The CFO, met once", "If operations wants it, I sign it."),
    "decision_process": ("Procurement, then the CFO", "Procurement asks for three references."),
}
# Whose it is, company, domain, person, title, deal, stage, amount, days since it began, days
# until it closes, and its next step.
DEALS: list[tuple[str, str, str, str, str, str, str, int | None, int, int, str]] = [
    ("ae", "Fernhill Logistics", "fernhill.example", "Lise Hagen", "Head of Operations", "Fernhill rollout", "Proposal", 72_000, 40, 12, "Walk through the offer with Lise"),
    ("ae", "Kestrel Aviation", "kestrel.example", "Samuel Brandt", "CFO", "Kestrel renewal", "Negotiation", 41_000, 55, 5, "Send the redlined contract"),
    ("ae", "Sunbird Retail", "sunbird.example", "Nomvula Dube", "VP Stores", "Sunbird stores", "Evaluation", 28_000, 38, -4, "Agree on the pilot stores"),
    ("ae", "Halcyon Robotics", "halcyonrobotics.example", "Paul Tran", "Engineering Lead", "Pilot, 10 seats", "Discovery", 9_500, 18, 48, "Invite operations to the pilot"),
    ("ae", "Larkspur Books", "larkspur.example", "Edith Vance", "Managing Director", "Larkspur back office", "Discovery", None, 26, 70, ""),
    ("ae2", "Ferrovia Sud", "ferroviasud.example", "Paola Conti", "Procurement", "Ferrovia depots", "Proposal", 96_000, 60, 20, "Answer the security form"),
    ("ae2", "Olivares y Hijos", "olivares.example", "Javier Olivares", "Owner", "Olivares team plan", "Evaluation", 14_500, 22, 33, "Show the import of his sheets"),
    ("ae2", "Porto Labs", "portolabs.example", "Rui Santos", "CTO", "Porto Labs pilot", "Negotiation", 22_000, 45, 9, ""),
]  # fmt: skip


def make_deals(people: dict[str, User]) -> dict[str, Opportunity]:
    """Deals with their account, people and talks, by name."""
    made = {}
    for owner, company, domain, name, title, deal, stage, amount, days, closes, step in DEALS:
        actor = people[owner]
        with at(days_ago(days)):
            account = make_account(company, domain, actor)
            first, last = name.split(" ", 1)
            contact = create_contact(
                actor=actor,
                account=account,
                fields={
                    "first_name": first,
                    "last_name": last,
                    "title": title,
                    "email": f"{first.lower()}@{domain}",
                },
            )
            opportunity = create_opportunity(
                actor=actor,
                account=account,
                fields={
                    "name": deal,
                    "amount": amount,
                    "close_date": timezone.localdate() + dt.timedelta(days=days + closes),
                    "primary_contact": contact,
                    "next_step": "First talk with everybody",
                },
            )
        meet(opportunity, actor, days)
        advance(opportunity, stage, actor, begun=days, ended=days * 0.3)
        with at(days_ago(days * 0.25)):
            when = timezone.localdate() + dt.timedelta(days=days // 3)
            changes = {"next_step": step, "next_step_on": when if step else None}
            made[deal] = update_opportunity(opportunity=opportunity, changes=changes, actor=actor)
    enrich(made, people["ae"])
    qualify(made["Fernhill rollout"], people["ae"], 4)
    qualify(made["Kestrel renewal"], people["ae"], 6)
    qualify(made["Ferrovia depots"], people["ae2"], 3)
    return made


def make_account(company: str, domain: str, actor: User) -> Account:
    fields = {"name": company, "website": f"https://{domain}", "type": "prospect"}
    return create_account(actor=actor, fields=fields | known_of(domain))


def meet(opportunity: Opportunity, actor: User, days: float) -> None:
    """The meeting with which a deal begins."""
    with at(days_ago(days * 0.9, 13)):
        log_activity(
            kind="meeting",
            actor=actor,
            fields={"subject": f"Kick-off: {opportunity.name}", "location": "Video"},
            opportunity=opportunity,
            contact=opportunity.primary_contact,
        )


def advance(
    opportunity: Opportunity,
    stage: str,
    actor: User,
    *,
    begun: float,
    ended: float,
    reason: Reason | None = None,
) -> None:
    """Take a deal through the stages to this one, evenly between two days ago."""
    stages = list(Stage.objects.filter(pipeline=opportunity.pipeline).order_by("position"))
    goal = next(each for each in stages if each.name == stage)
    way = [
        each
        for each in stages[1:]
        if each.position <= goal.position and each.kind in (StageKind.OPEN, goal.kind)
    ]
    for number, each in enumerate(way, start=1):
        with at(days_ago(begun + (ended - begun) * number / len(way), 15)):
            move_stage(
                opportunity=opportunity,
                stage=each,
                actor=actor,
                reason=reason if each == goal else None,
                changes={"next_step": f"Agree on the way to {goal.name.lower()}"}
                if each.is_open
                else None,
            )


def qualify(opportunity: Opportunity, actor: User, known: int) -> None:
    """Answer the first of what the playbook for deals asks."""
    answers = [
        {"criterion": key, "state": "confirmed", "value": value, "evidence": evidence}
        for key, (value, evidence) in list(KNOWN.items())[:known]
    ]
    with at(days_ago(4)):
        answer_deal_criteria(opportunity=opportunity, answers=answers, actor=actor)


def enrich(deals: dict[str, Opportunity], actor: User) -> None:
    """Products, a second person, and a close date that was pushed: what large deals have."""
    rollout = deals["Fernhill rollout"]
    plan, onboarding = Product.objects.filter(name__in=["Business plan", "Onboarding"])
    with at(days_ago(12)):
        set_line_items(
            opportunity=rollout,
            items=[{"product": plan, "quantity": 30}, {"product": onboarding, "quantity": 1}],
            actor=actor,
        )
        signer = create_contact(
            actor=actor,
            account=rollout.account,
            fields={"first_name": "Oskar", "last_name": "Lien", "title": "CFO"},
        )
        add_contact_role(opportunity=rollout, contact=signer, role="economic_buyer", actor=actor)
    renewal = deals["Kestrel renewal"]
    with at(days_ago(6)):
        later = renewal.close_date + dt.timedelta(days=7)
        update_opportunity(opportunity=renewal, changes={"close_date": later}, actor=actor)
