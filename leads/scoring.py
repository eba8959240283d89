"""
A lead's score: points from rules that an admin keeps, each point explained.

The entries of an explanation always add up to the score, also where it was held within
0 and 100.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from accounts.keys import search_key
from activities.models import Activity, ActivityKind
from leads.models import (
    Lead,
    LeadQuerySet,
    ProductInterest,
    ScoreKind,
    ScoreOperator,
    ScoreRule,
    StatusKind,
)

LOWEST, HIGHEST = 0, 100
# Older ones have decayed to nothing long before.
MOST_ACTIVITIES = 500

Entry = dict[str, Any]


@dataclass(frozen=True)
class Touch:
    """What a behavior rule looks at in an activity."""

    kind: str
    at: datetime
    outcome: str = ""
    direction: str = ""


def active_rules() -> list[ScoreRule]:
    return list(ScoreRule.objects.filter(is_active=True).order_by("position", "pk"))


def touches_of(leads: Collection[int], *, now: datetime) -> dict[int, list[Touch]]:
    """What has happened with each lead up to now, latest first. One query."""
    happened = (
        Activity.objects.filter(lead_id__in=leads, deleted_at__isnull=True, at__lte=now)
        .exclude(kind=ActivityKind.TASK, done_at__isnull=True)
        .order_by("lead_id", "-at", "-pk")
        .values_list("lead_id", "kind", "at", "outcome", "direction")
    )
    touches: dict[int, list[Touch]] = {lead_id: [] for lead_id in leads}
    for lead_id, kind, at, outcome, direction in happened:
        if len(touches[lead_id]) < MOST_ACTIVITIES:
            touches[lead_id].append(Touch(kind, at, outcome, direction))
    return touches


def score_lead(
    lead: Lead,
    *,
    rules: Iterable[ScoreRule],
    has_products: bool,
    touches: Sequence[Touch] = (),
    now: datetime,
) -> tuple[int, list[Entry]]:
    """
    The score and its explanation, [{"label", "points", "detail"}]. No queries.

    `touches` must not lie after `now`.
    """
    explanation: list[Entry] = []
    for rule in rules:
        if rule.kind == ScoreKind.FIT:
            points, detail = fit(rule, lead, has_products)
        else:
            points, detail = behavior(rule, touches, now)
        if points:
            explanation.append({"label": rule.label, "points": points, "detail": detail})
    total = sum(entry["points"] for entry in explanation)
    score = min(max(total, LOWEST), HIGHEST)
    if score != total:
        limit = "The highest score is 100" if total > HIGHEST else "The lowest score is 0"
        explanation.append({"label": limit, "points": score - total, "detail": ""})
    return score, explanation


def fit(rule: ScoreRule, lead: Lead, has_products: bool) -> tuple[int, str]:
    value = has_products if rule.field == "products" else getattr(lead, rule.field, None)
    if not compare(rule, value):
        return 0, ""
    return rule.points, "" if isinstance(value, bool) else str(value)


def compare(rule: ScoreRule, value: Any) -> bool:
    """Whether a lead's value is what the rule asks for; several are separated by "|"."""
    if value in (None, "", False):
        return False
    wanted = rule.value.split("|")
    match rule.operator:
        case ScoreOperator.FILLED:
            return True
        case ScoreOperator.EQUALS:
            return search_key(str(value)) in map(search_key, wanted)
        case ScoreOperator.CONTAINS:
            # Whole words: "director" must not be found in "directory clerk".
            words = f" {search_key(str(value))} "
            return any(f" {search_key(phrase)} " in words for phrase in wanted if phrase.strip())
        case ScoreOperator.AT_LEAST:
            return at_least(value, rule.value)
    return False


def at_least(value: Any, wanted: str) -> bool:
    try:
        return Decimal(str(value)) >= Decimal(wanted)
    except InvalidOperation:
        return False


def behavior(rule: ScoreRule, touches: Sequence[Touch], now: datetime) -> tuple[int, str]:
    counted = [touch for touch in touches if is_meant(rule, touch)]
    if not counted:
        return 0, ""
    worth = sum(decayed(now - touch.at, rule.half_life_days) for touch in counted)
    times = "once" if len(counted) == 1 else f"{len(counted)} times"
    latest = max(touch.at for touch in counted).date().isoformat()
    return round(rule.points * worth), f"{times}, last on {latest}"


def is_meant(rule: ScoreRule, touch: Touch) -> bool:
    if touch.kind != rule.field:
        return False
    wanted = rule.value.split("|") if rule.operator == ScoreOperator.EQUALS else []
    return not wanted or touch.outcome in wanted or touch.direction in wanted


def decayed(age: timedelta, half_life_days: int | None) -> float:
    """What is left of one after `age`: half after the half-life, all without one."""
    if half_life_days is None:
        return 1.0
    return float(0.5 ** (age / timedelta(days=half_life_days)))


def rescore_lead(pk: int) -> None:
    """Bring one lead's score up to date, after it or its activities have changed."""
    rescore_leads(Lead.objects.filter(pk=pk), now=timezone.now())


def rescore_touched_lead(activity: Activity) -> None:
    """Called within the change of an activity: keeps up the score of the lead it is about."""
    if activity.lead_id is not None:
        rescore_lead(activity.lead_id)


def rescore_leads(leads: LeadQuerySet, *, now: datetime, batch_size: int = 500) -> int:
    """
    Bring the scores of these leads up to date, and say how many changed.

    Three queries for each batch. Converted leads are final and are left as they are. A
    score is derived, so that neither the version nor the time of the last edit moves.
    """
    rules = active_rules()
    changed = 0
    last_pk: int | None = 0
    while last_pk is not None:
        with transaction.atomic():
            batch = list(to_rescore(leads.filter(pk__gt=last_pk))[:batch_size])
            touches = touches_of([lead.pk for lead in batch], now=now)
            moved = [lead for lead in batch if refresh(lead, rules, touches[lead.pk], now)]
            Lead.objects.bulk_update(moved, ["score", "score_explanation"])
        changed += len(moved)
        last_pk = batch[-1].pk if batch else None
    return changed


def to_rescore(leads: LeadQuerySet) -> LeadQuerySet:
    """
    The leads among these that can still change, locked.

    Somebody who holds one is about to change it, and with it the score: it is left out.
    """
    interests = ProductInterest.objects.filter(lead_id=models.OuterRef("pk"))
    return (
        leads.live()
        .exclude(status_kind=StatusKind.CONVERTED)
        .annotate(has_products=models.Exists(interests))
        .select_related("source", "campaign")
        .select_for_update(of=("self",), no_key=True, skip_locked=True)
        .order_by("pk")
    )


def refresh(lead: Any, rules: Iterable[ScoreRule], touches: Sequence[Touch], now: datetime) -> bool:
    """Set the score on an instance annotated with `has_products`; whether anything changed."""
    score, explanation = score_lead(
        lead, rules=rules, has_products=lead.has_products, touches=touches, now=now
    )
    is_same = (score, explanation) == (lead.score, lead.score_explanation)
    lead.score, lead.score_explanation = score, explanation
    return not is_same
