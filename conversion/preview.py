"""
What a conversion would do, told without writing anything.

The token that goes with a preview is a signed copy of what was shown. Converting with it
compares, under the locks, what would happen now; a difference is answered, not executed.
"""

from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction

from conversion.errors import DuplicatesFound, PreviewStale
from conversion.plans import CREATE, ConversionPlan
from conversion.resolution import resolve
from conversion.targets import Resolution
from crm.errors import DomainError
from leads.known import Matches, find_matches
from leads.models import Lead
from people.models import User
from people.reach import Action, RecordType

SALT = "conversion.preview"

# What a preview tells besides its effects, which are named by their places.
LEAD_VERSION = "lead/version"
PLAN = "plan"


@dataclass(frozen=True)
class Preview:
    """Effects, candidates, what blocks, what to think about, and the token that says so."""

    effects: dict[str, Any]
    matches: Matches
    blockers: list[DomainError]
    warnings: list[str]
    token: str

    def as_json(self) -> dict[str, Any]:
        return {
            "effects": self.effects,
            "candidates": self.matches.as_json(),
            "blockers": [
                {"code": blocker.code, "detail": str(blocker)} | blocker.extra
                for blocker in self.blockers
            ],
            "warnings": self.warnings,
            "preview_token": self.token,
        }


def preview_conversion(
    *,
    lead: Lead,
    plan: ConversionPlan,
    actor: User,
    matches: Matches | None = None,
    for_execution: bool = True,
) -> Preview:
    """
    What converting `lead` by `plan` would do now. Writes nothing. A caller that has just
    looked for `matches` gives them.

    Raises PlanInvalid where the plan cannot even be understood as effects.
    """
    with transaction.atomic():
        resolution = resolve(lead=lead, plan=plan, actor=actor, for_execution=for_execution)
        matches = matches or find_matches(lead, actor)
    blockers: list[DomainError] = []
    try:
        require_no_unseen_duplicates(plan, matches, actor)
    except DuplicatesFound as refusal:
        blockers.append(refusal)
    return Preview(
        effects=resolution.effects,
        matches=matches,
        blockers=blockers,
        warnings=warnings_of(resolution, matches),
        token=sign(summary(resolution)),
    )


def require_no_unseen_duplicates(plan: ConversionPlan, matches: Matches, actor: User) -> None:
    """
    Refuse to create what a strong match says is there already, unless for a stated reason.

    Raises DuplicatesFound. Whoever may not override needs somebody who may.
    """
    may_override = actor.can(RecordType.CONVERSION, Action.OVERRIDE_DUPLICATES)
    if plan.duplicate_reason and may_override:
        return
    strong = [
        match.as_json()
        for target in ("account", "contact")
        if plan.target(target).action == CREATE
        for match in matches.strong(target)
    ]
    if strong:
        raise DuplicatesFound(strong)


def warnings_of(resolution: Resolution, matches: Matches) -> list[str]:
    """What a careful person would look at before going on."""
    found = []
    if resolution.account.is_new and any(
        match.strength == "possible" for match in matches.accounts
    ):
        found.append("A similar account exists.")
    if resolution.contact.is_new and any(
        match.strength == "possible" for match in matches.contacts
    ):
        found.append("A similar contact exists.")
    if not resolution.lead.email and not resolution.lead.phone and not resolution.lead.mobile:
        found.append("The lead has neither an email address nor a phone number.")
    deal = resolution.opportunity
    if deal is not None and deal.is_new and deal.values.get("amount") is None:
        found.append("The opportunity has no amount.")
    return found


def summary(resolution: Resolution) -> dict[str, str]:
    """Everything that was shown, flat, for signing and comparing."""
    facts: dict[str, str] = {LEAD_VERSION: str(resolution.lead.version)}
    flatten("", resolution.effects, facts)
    flatten(PLAN, resolution.plan.as_json(), facts)
    return facts


def flatten(path: str, value: Any, into: dict[str, str]) -> None:
    match value:
        case dict():
            for key, item in value.items():
                flatten(f"{path}/{key}", item, into)
        case list():
            for index, item in enumerate(value):
                flatten(f"{path}/{index}", item, into)
        case _:
            into[path] = "" if value is None else str(value)


def sign(facts: dict[str, str]) -> str:
    return signing.dumps(facts, salt=SALT, compress=True)


def require_unchanged(resolution: Resolution, token: str) -> None:
    """Raises PreviewStale with the differences if the token shows something else."""
    try:
        shown = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise PreviewStale([]) from None
    now = summary(resolution)
    differences = [
        {
            "pointer": pointer_of(path, resolution.plan),
            "previewed": shown.get(path),
            "now": now.get(path),
        }
        for path in sorted(shown.keys() | now.keys())
        if shown.get(path) != now.get(path)
    ]
    if differences:
        raise PreviewStale(differences)


def pointer_of(fact: str, plan: ConversionPlan) -> str:
    """
    Where it is that something differs: a place in the effects of the preview, or, after "#", in
    the plan that was sent. For the version of the lead that is what told which one was meant.
    """
    if fact == LEAD_VERSION:
        return "#/preview_token" if plan.lead_version is None else "#/lead_version"
    return f"#{fact.removeprefix(PLAN)}" if fact.startswith(f"{PLAN}/") else fact
