"""How a lead and its answers looked: kept on requests and receipts, compared later."""

from typing import Any

from conversion.mapping import FIELD_MAP, KEPT_ON_LEAD, is_empty, shown
from conversion.plans import EXISTING, ConversionPlan
from conversion.targets import TARGET_MODELS, Resolution
from crm.records import as_json
from leads.models import AnswerState, Lead

# A change of one of these makes a request lapse; the plan's own changes do as well.
MATERIAL_FIELDS = ("company", "email", "other_email")
SNAPSHOT_FIELDS = tuple(
    dict.fromkeys([*(mapped.lead_field for mapped in FIELD_MAP), "other_email", *KEPT_ON_LEAD])
)

ANSWER_COLUMNS = (
    "criterion_id",
    "criterion__label",
    "state",
    "value",
    "evidence",
    "evidence_activity_id",
    "answered_by__full_name",
    "answered_at",
)


def lead_snapshot(lead: Lead) -> dict[str, Any]:
    """The filled fields, as people read them, with the score and who had the lead."""
    facts: dict[str, Any] = {
        name: as_json(value) if isinstance(value := getattr(lead, name), dict) else shown(value)
        for name in SNAPSHOT_FIELDS
        if not is_empty(getattr(lead, name))
    }
    facts["status"] = lead.status.name
    facts["score"] = lead.score
    facts["owner"] = lead.owner.full_name if lead.owner else ""
    return facts


def answers_snapshot(lead: Lead) -> list[dict[str, Any]]:
    """What is known of each criterion, with its evidence and its author."""
    answers = (
        lead.answers.exclude(state=AnswerState.UNKNOWN)
        .order_by("criterion__position", "pk")
        .values_list(*ANSWER_COLUMNS, named=True)
    )
    return [
        {
            "criterion": answer.criterion_id,
            "label": answer.criterion__label,
            "state": answer.state,
            "value": answer.value,
            "evidence": answer.evidence,
            "activity": answer.evidence_activity_id,
            "by": answer.answered_by__full_name or "",
            "at": answer.answered_at.isoformat() if answer.answered_at else "",
        }
        for answer in answers
    ]


def targets_snapshot(plan: ConversionPlan) -> dict[str, Any]:
    """What the chosen existing records look like, as far as a request depends on it."""
    facts: dict[str, Any] = {}
    for name in ("account", "contact", "opportunity"):
        target = plan.target(name)
        if target.action != EXISTING:
            continue
        record = (
            TARGET_MODELS[name]
            .objects.unscoped(reason="compared, not shown")
            .filter(pk=target.id)
            .first()
        )
        facts[name] = describe_target(name, record)
    return facts


def deal_snapshot(resolution: Resolution) -> dict[str, Any]:
    """
    The deal that a plan would make: what it leaves open comes from the lead and its products.
    Nothing where it makes none.
    """
    if resolution.opportunity is None or not resolution.opportunity.is_new:
        return {}
    effect = resolution.effects["opportunity"]
    return {name: effect[name] for name in ("name", "amount", "currency")}


def describe_target(name: str, record: Any) -> dict[str, Any] | None:
    if record is None or record.deleted_at is not None:
        return None
    facts = {"name": record.name}
    if name == "opportunity":
        facts |= {"amount": as_json(record.amount), "open": record.is_open}
    if name != "account":
        facts["account"] = record.account_id
    return facts


def differences(before: dict[str, Any], now: dict[str, Any]) -> list[dict[str, Any]]:
    """What differs between two snapshots: [{field, before, now}]."""
    return [
        {"field": key, "before": before.get(key), "now": now.get(key)}
        for key in dict.fromkeys([*before, *now])
        if before.get(key) != now.get(key)
    ]


def material(changes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that make a request lapse."""
    return [change for change in changes if change["field"] in MATERIAL_FIELDS]
