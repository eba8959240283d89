"""Plans, effects and histories in the words of the screens."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import DateField

from conversion.models import ConversionRequest, LeadOutcome, RequestState, RequestTransition
from conversion.queries import steps_of
from crm.templatetags.relay import day, money
from crm.text import counted
from leads.models import Lead
from opportunities.models import OpportunityRole

TARGET_ICONS = {
    "account": "building-2",
    "contact": "user-round",
    "opportunity": "circle-dollar-sign",
}
LEAD_COLUMNS = {column.name: column for column in Lead._meta.concrete_fields}
# What a step is called in the history of a request; the actor stands before it.
STEP_WORDS = {
    "submit": "requested the conversion",
    "send_back": "sent it back",
    "resubmit": "resubmitted it",
    "approve": "approved it",
    "reject": "rejected it",
    "recall": "recalled it",
    "convert": "converted the lead",
    "dispute": "disputed the rejection",
    "overturn": "overturned the rejection",
    "uphold": "upheld the rejection",
    "reassign": "reassigned it",
    "hand_over": "gave it to somebody else to answer",
    "lapse": "let it lapse: what was asked for has changed",
}
STEP_ICONS = {
    "submit": "send",
    "send_back": "undo-2",
    "resubmit": "send",
    "approve": "check",
    "reject": "x",
    "recall": "rotate-ccw",
    "convert": "git-merge",
    "dispute": "scale",
    "overturn": "scale",
    "uphold": "scale",
    "reassign": "arrow-right-left",
    "hand_over": "arrow-right-left",
    "lapse": "hourglass",
}


@dataclass(frozen=True)
class Effect:
    """One line of "when you convert": what is done, to what, and in which detail."""

    icon: str
    verb: str
    name: str
    detail: str = ""


def effect_lines(effects: dict[str, Any]) -> list[Effect]:
    """The effects of a preview or a receipt, one line for each target and one for the history."""
    lines = [target_line(name, effects[name]) for name in ("account", "contact")]
    deal = effects["opportunity"]
    if deal is None:
        lines.append(Effect("circle-slash", "Opportunity", "None is created"))
    else:
        lines.append(target_line("opportunity", deal))
    lines.append(moved_line(effects))
    return lines


def kept_lines(effects: dict[str, Any]) -> list[dict[str, str]]:
    """What stays on the lead, as people read it: a day, and a choice by its label."""
    return [
        {"label": kept["label"], "value": readable(kept["field"], kept["value"])}
        for kept in effects["kept_on_lead"]
    ]


def readable(name: str, value: str) -> str:
    column = LEAD_COLUMNS.get(name)
    if isinstance(column, DateField):
        return day(date.fromisoformat(value))
    labels = dict(column.flatchoices) if column else {}
    return str(labels.get(value, value))


def target_line(name: str, effect: dict[str, Any]) -> Effect:
    is_new = effect["outcome"] == "created"
    verb = "Create" if is_new else "Attach to" if name == "opportunity" else "Use"
    return Effect(
        icon=TARGET_ICONS[name],
        verb=f"{verb} {name}",
        name=effect["name"],
        detail=" · ".join(target_facts(name, effect)),
    )


def target_facts(name: str, effect: dict[str, Any]) -> Iterator[str]:
    """What a card says below the name of a target."""
    if name == "opportunity":
        yield from deal_facts(effect)
    if effect["outcome"] == "created" and name != "contact":
        return
    if filled := len(effect["filled"]):
        yield f"{counted(filled, 'field')} filled"
    if replaced := len(effect["replaced"]):
        yield f"{counted(replaced, 'value')} replaced"
    if kept := len(effect["kept"]):
        yield f"{counted(kept, 'value')} kept"


def deal_facts(effect: dict[str, Any]) -> Iterator[str]:
    if effect["outcome"] == "created":
        if effect["amount"] is not None:
            yield money(Decimal(effect["amount"]), effect["currency"])
        yield effect["stage"]
        yield day(date.fromisoformat(effect["close_date"]))
        if items := effect["line_items"]:
            yield counted(len(items), "product")
    if effect["contact_role"] != OpportunityRole.OTHER:
        yield OpportunityRole(effect["contact_role"]).label


def moved_line(effects: dict[str, Any]) -> Effect:
    with_deal = effects["opportunity"] is not None
    where = "account, contact and opportunity" if with_deal else "account and contact"
    return Effect("arrow-right", "Move history", moved_words(effects["moved"]), f"to the {where}")


def moved_words(moved: dict[str, int]) -> str:
    """How much goes along: 14 activities, 2 files, 1 open task."""
    parts = [
        counted(moved["activities"], "activity", "activities"),
        counted(moved["files"], "file") if moved["files"] else "",
        counted(moved["open_tasks"], "open task") if moved["open_tasks"] else "",
    ]
    return ", ".join(part for part in parts if part)


def plan_lines(request: ConversionRequest, currency: str) -> list[Effect]:
    """What a request asks for, from its stored plan alone."""
    lead, targets = request.lead_snapshot["lead"], request.lead_snapshot.get("targets", {})
    lines = []
    for name in ("account", "contact", "opportunity"):
        part = request.plan[name]
        fields = part.get("fields", {})
        if part["action"] == "none":
            lines.append(Effect("circle-slash", "Opportunity", "None is asked for"))
            continue
        if part["action"] == "existing":
            chosen = (targets.get(name) or {}).get("name", "")
            verb = "Attach to" if name == "opportunity" else "Use"
            lines.append(Effect(TARGET_ICONS[name], f"{verb} {name}", chosen))
            continue
        detail = ""
        if name == "account":
            title = fields.get("name") or lead.get("company") or request.lead.name
        elif name == "contact":
            title = " ".join(
                filter(None, (fields.get(key) or lead.get(key) for key in NAME_FIELDS))
            )
        else:
            deal = request.lead_snapshot.get("deal", {})
            title = deal.get("name") or fields.get("name", "New opportunity")
            detail = asked_amount(request, currency)
        lines.append(Effect(TARGET_ICONS[name], f"Create {name}", title, detail))
    return lines


NAME_FIELDS = ("first_name", "last_name")


def asked_amount(request: ConversionRequest, currency: str) -> str:
    """The expected value of a request, as people write it: its plan's, or its products'."""
    asked = request.lead_snapshot.get("deal") or request.plan["opportunity"].get("fields", {})
    if not asked.get("amount"):
        return ""
    return money(Decimal(str(asked["amount"])), asked.get("currency") or currency)


@dataclass(frozen=True)
class Step:
    """One line of a request's history."""

    icon: str
    who: str
    what: str
    at: Any
    note: str
    reason: str
    outcome: str


def history(request: ConversionRequest) -> list[Step]:
    """Every step of a request, the latest first. One query."""
    return [step_of(transition) for transition in steps_of(request)]


def step_of(transition: RequestTransition) -> Step:
    passed_on = transition.action in ("reassign", "hand_over")
    took_over = passed_on and transition.facts["to"] == transition.actor_id
    return Step(
        icon=STEP_ICONS[transition.action],
        who=transition.actor.full_name if transition.actor else "Relay",
        what="took it over" if took_over else STEP_WORDS[transition.action],
        at=transition.at,
        note=transition.note,
        reason=transition.reason.label if transition.reason else "",
        outcome=outcome_words(transition.facts),
    )


def outcome_words(facts: dict[str, Any]) -> str:
    """What happens to the lead of a rejected request; empty of any other step."""
    if not (outcome := facts.get("outcome")):
        return ""
    if recycle_on := facts.get("recycle_on"):
        return f"recycle on {day(date.fromisoformat(recycle_on))}"
    if to := facts.get("reassign_to"):
        return f"reassign to {to['name']}"
    return str(LeadOutcome(outcome).label).lower()


def lead_outcome(steps: list[Step]) -> str:
    """What the latest rejection among the steps says of the lead."""
    return next((step.outcome for step in steps if step.outcome), "")


def headline(request: ConversionRequest) -> str:
    """What became of a request, in a sentence for whoever opens it."""
    who = request.decided_by.full_name if request.decided_by else request.approver.full_name
    sentences: dict[str, str] = {
        RequestState.PENDING: f"Waits for {request.approver.full_name}.",
        RequestState.SENT_BACK: f"Sent back by {request.approver.full_name}.",
        RequestState.APPROVED: f"Approved by {who}, not converted yet.",
        RequestState.CONVERTED: f"Approved by {who} and converted.",
        RequestState.REJECTED: f"Rejected by {who}.",
        RequestState.DISPUTED: "The rejection is disputed; a manager decides.",
        RequestState.UPHELD: "The rejection was disputed and upheld.",
        RequestState.RECALLED: f"Recalled by {request.requester.full_name}.",
        RequestState.LAPSED: "Lapsed: what was asked for changed after it was submitted.",
    }
    return sentences[request.state]
