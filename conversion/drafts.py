"""
A conversion while somebody puts it together on a screen: the form, what it offers, and
what would happen. Nothing here writes.
"""

import json
from collections.abc import Mapping
from typing import Any

from conversion.choosing import Choices, first_plan, settle
from conversion.display import Effect, effect_lines, moved_words
from conversion.errors import DuplicatesFound, PlanInvalid
from conversion.forms import PlanForm
from conversion.matching import Candidates, Card, choices_of
from conversion.models import ConversionRequest
from conversion.plans import CREATE, EXISTING, ConversionPlan, read_plan
from conversion.preview import Preview, preview_conversion, require_unchanged
from conversion.resolution import resolve
from crm.text import key_of
from leads.known import find_matches
from leads.models import Lead
from leads.services import qualification
from people.models import User
from people.reach import Action, RecordType

TARGETS = ("account", "contact", "opportunity")


class Draft:
    """
    The three cards and the summary, from a plan or from what was posted.

    `plan` and `preview` are None where the form or the plan has problems, which the form
    then shows. `shown` is the plan whose effects the person has last seen.
    """

    def __init__(
        self,
        lead: Lead,
        actor: User,
        *,
        data: Mapping[str, Any] | None = None,
        asked: ConversionRequest | None = None,
        for_execution: bool = True,
    ):
        self.lead, self.actor, self.asked = lead, actor, asked
        self.for_execution = for_execution
        self.qualification = qualification(lead)
        self.matches = find_matches(lead, actor)
        self.shown = read_shown(data)
        self.notes: list[str] = []
        self.problem = ""
        start = read_plan(asked.plan) if asked else self.usual_plan()
        if data is not None:
            data, self.notes = self.settled(data)
        self.form = PlanForm(
            lead, actor, plan=start, data=data, asked=asked, for_execution=for_execution
        )
        self.plan: ConversionPlan | None = None
        self.preview: Preview | None = None
        self.look(is_new=data is None)

    def usual_plan(self) -> ConversionPlan:
        return first_plan(self.matches, self.qualification, for_execution=self.for_execution)

    def settled(self, data: Mapping[str, Any]) -> tuple[dict[str, Any], list[str]]:
        """What was posted, with choices that fit together."""
        fields = {name: data.get(name) for name in data}
        if use := str(fields.pop("use", "") or ""):
            target, _, pk = use.partition(":")
            if target in TARGETS:
                fields |= {f"{target}_action": EXISTING, f"{target}_id": pk}
        before = choices_of(self.shown) if self.shown else None
        choices, notes = settle(posted_choices(fields), before, self.actor)
        for name, (action, chosen) in choices.items():
            if fields.get(f"{name}_action"):
                fields |= {f"{name}_action": action, f"{name}_id": chosen or ""}
        return fields, notes

    def look(self, *, is_new: bool) -> None:
        """Read the plan, and preview it; put what is wrong at the fields."""
        if not self.form.is_valid():
            return
        try:
            self.plan = self.form.plan()
            self.preview = preview_conversion(
                lead=self.lead,
                plan=self.plan,
                actor=self.actor,
                matches=self.matches,
                for_execution=self.for_execution,
            )
        except PlanInvalid as refusal:
            self.problem = " ".join(dict.fromkeys(p["detail"] for p in refusal.problems))
            # A screen that has just been opened does not scold.
            if not is_new or self.asked:
                self.form.show_problems(refusal.problems)

    @property
    def is_as_shown(self) -> bool:
        """The plan is the one whose effects were last shown."""
        return bool(self.plan and self.shown and self.plan.as_json() == self.shown.as_json())

    @property
    def only_typed_since(self) -> bool:
        """Since then only values were typed; every choice is still the one shown."""
        return bool(
            self.plan
            and self.shown
            and choices_of(self.plan) == choices_of(self.shown)
            and self.plan.account.take_from_lead == self.shown.account.take_from_lead
            and self.plan.contact.take_from_lead == self.shown.contact.take_from_lead
        )

    def token_to_convert(self, token: str) -> str:
        """
        The token to convert with: that of what was shown, or a fresh one where the person
        has since only typed and nobody else changed anything. Raises PreviewStale.
        """
        if self.is_as_shown or self.preview is None or self.shown is None:
            return token
        then = resolve(lead=self.lead, plan=self.shown, actor=self.actor)
        require_unchanged(then, token)
        return self.preview.token

    # --- for the templates ---

    @property
    def cards(self) -> dict[str, Card]:
        value = self.form.data.get
        return Candidates(
            self.actor,
            self.matches,
            posted_choices(self.form.data),
            {name: str(value(f"{name}_q") or "").strip() for name in TARGETS},
            for_execution=self.for_execution,
        ).cards()

    @property
    def effects(self) -> list[Effect]:
        return effect_lines(self.preview.effects) if self.preview else []

    @property
    def moved(self) -> str:
        """How much history goes along, in words."""
        return moved_words(self.preview.effects["moved"]) if self.preview else ""

    @property
    def kept(self) -> list[dict[str, str]]:
        return self.preview.effects["kept_on_lead"] if self.preview else []

    @property
    def shown_json(self) -> str:
        return json.dumps(self.plan.as_json()) if self.plan and self.preview else ""

    @property
    def token(self) -> str:
        return self.preview.token if self.preview else ""

    @property
    def is_blocked(self) -> bool:
        """Something new would be made despite a strong match."""
        blockers = self.preview.blockers if self.preview else []
        return any(isinstance(blocker, DuplicatesFound) for blocker in blockers)

    @property
    def overruled(self) -> str:
        """The card on which something new would stand beside a strong match, if any."""
        if not self.for_execution or self.preview is None:
            return ""
        actions = posted_choices(self.form.data)
        for name in ("account", "contact"):
            if actions[name][0] == CREATE and self.matches.strong(name):
                return name
        return ""

    @property
    def may_override(self) -> bool:
        return self.actor.can(RecordType.CONVERSION, Action.OVERRIDE_DUPLICATES)

    @property
    def open_tasks(self) -> int:
        return self.preview.effects["moved"]["open_tasks"] if self.preview else 0


def posted_choices(data: Mapping[str, Any]) -> Choices:
    """{target: (action, id)} as posted, whatever else is wrong with the form."""
    return {
        name: (str(data.get(f"{name}_action") or ""), key_of(data.get(f"{name}_id")))
        for name in TARGETS
    }


def read_shown(data: Mapping[str, Any] | None) -> ConversionPlan | None:
    """The plan that the posted page showed; None where there is none, or it was tampered with."""
    try:
        return read_plan(json.loads(str((data or {}).get("shown") or "null")))
    except (ValueError, RecursionError, PlanInvalid):
        return None
