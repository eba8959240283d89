"""
The choices for one conversion, typed and immutable, read from JSON or from a form.

Reading checks the shape only and reports every problem at once. Whether the plan can be
carried out for this lead by this person is decided in `conversion.resolution`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from conversion.errors import PlanInvalid, PlanProblem
from conversion.mapping import TARGET_FIELDS
from crm.text import clean_text
from opportunities.models import OpportunityRole

CREATE, EXISTING, NONE = "create", "existing", "none"
ACTIONS = {
    "account": (CREATE, EXISTING),
    "contact": (CREATE, EXISTING),
    "opportunity": (CREATE, EXISTING, NONE),
}
OPTIONS = (
    "contact_role",
    "owner",
    "status",
    "hand_over_tasks",
    "duplicate_override",
    "lead_version",
    "preview_token",
)
MAX_REASON_LENGTH = 500


@dataclass(frozen=True)
class TargetPlan:
    """What to do about one target: make it with `fields`, use the one with `id`, or nothing."""

    action: str
    id: int | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    take_from_lead: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        body: dict[str, Any] = {"action": self.action}
        if self.id is not None:
            body["id"] = self.id
        if self.fields:
            body["fields"] = dict(self.fields)
        if self.take_from_lead:
            body["take_from_lead"] = list(self.take_from_lead)
        return body


@dataclass(frozen=True)
class ConversionPlan:
    """One conversion as somebody wants it. Values in `fields` are as they were given."""

    account: TargetPlan
    contact: TargetPlan
    opportunity: TargetPlan
    contact_role: str = OpportunityRole.OTHER
    owner: int | None = None
    status: int | None = None
    hand_over_tasks: bool = True
    duplicate_reason: str = ""
    lead_version: int | None = None
    preview_token: str = ""

    def target(self, name: str) -> TargetPlan:
        """The part for `account`, `contact` or `opportunity`."""
        targets = {
            "account": self.account,
            "contact": self.contact,
            "opportunity": self.opportunity,
        }
        return targets[name]

    def as_json(self) -> dict[str, Any]:
        """The plan as it is kept and sent: what `read_plan` reads, without its one-time parts."""
        body: dict[str, Any] = {name: self.target(name).as_json() for name in ACTIONS}
        body["contact_role"] = self.contact_role
        body["hand_over_tasks"] = self.hand_over_tasks
        if self.owner is not None:
            body["owner"] = self.owner
        if self.status is not None:
            body["status"] = self.status
        if self.duplicate_reason:
            body["duplicate_override"] = {"reason": self.duplicate_reason}
        return body


def read_plan(body: Any) -> ConversionPlan:
    """The plan that a JSON body describes. Raises PlanInvalid with every problem of its shape."""
    reader = PlanReader()
    plan = reader.plan(body)
    if reader.problems:
        raise PlanInvalid(reader.problems)
    return plan


def given(body: Mapping[str, Any], key: str, otherwise: Any) -> Any:
    """What stands in `body` under `key`; `otherwise` for nothing or null."""
    value = body.get(key)
    return otherwise if value is None else value


class PlanReader:
    """Reads one body and collects what is wrong with it, each with a JSON pointer."""

    def __init__(self) -> None:
        self.problems: list[PlanProblem] = []

    def refuse(self, pointer: str, detail: str, code: str = "invalid") -> None:
        self.problems.append({"pointer": pointer, "code": code, "detail": detail})

    def plan(self, body: Any) -> ConversionPlan:
        body = self.object(body, "", known=(*ACTIONS, *OPTIONS))
        override = self.object(
            given(body, "duplicate_override", {}), "/duplicate_override", known=("reason",)
        )
        reason = self.text(override.get("reason", ""), "/duplicate_override/reason")
        if "duplicate_override" in body and body["duplicate_override"] and not reason:
            self.refuse("/duplicate_override/reason", "Say why.", "required")
        return ConversionPlan(
            account=self.target(body, "account"),
            contact=self.target(body, "contact"),
            opportunity=self.target(body, "opportunity"),
            contact_role=self.contact_role(body),
            owner=self.whole_number(body, "owner"),
            status=self.whole_number(body, "status"),
            hand_over_tasks=self.switch(body, "hand_over_tasks"),
            duplicate_reason=reason,
            lead_version=self.whole_number(body, "lead_version"),
            preview_token=self.text(
                given(body, "preview_token", ""), "/preview_token", limit=20_000
            ),
        )

    def target(self, body: Mapping[str, Any], name: str) -> TargetPlan:
        if name not in body:
            self.refuse(f"/{name}", "Say what to do about it; nothing is guessed.", "required")
            return TargetPlan(CREATE)
        part = self.object(
            body[name], f"/{name}", known=("action", "id", "fields", "take_from_lead")
        )
        action = part.get("action")
        if action not in ACTIONS[name]:
            self.refuse(f"/{name}/action", f"Choose one of {', '.join(ACTIONS[name])}.")
            action = CREATE
        target_id = self.whole_number(part, "id", f"/{name}")
        fields = self.fields(given(part, "fields", {}), name)
        take = self.names(given(part, "take_from_lead", []), name)
        if action == EXISTING and target_id is None:
            self.refuse(f"/{name}/id", f"Say which {name}.", "required")
        if action != EXISTING and target_id is not None:
            self.refuse(f"/{name}/id", "Only an existing record has an id.")
        if action != CREATE and fields:
            self.refuse(f"/{name}/fields", "Values are set only on a new record.")
        if action != EXISTING and take:
            self.refuse(f"/{name}/take_from_lead", "This is for existing records only.")
        return TargetPlan(action, target_id, fields, take)

    def fields(self, given: Any, name: str) -> dict[str, Any]:
        given = self.object(given, f"/{name}/fields", known=tuple(TARGET_FIELDS[name]))
        return {
            key: self.text(value, f"/{name}/fields/{key}", limit=100_000)
            if isinstance(value, str)
            else value
            for key, value in given.items()
        }

    def names(self, given: Any, name: str) -> tuple[str, ...]:
        if not isinstance(given, list) or not all(isinstance(item, str) for item in given):
            self.refuse(f"/{name}/take_from_lead", "Give a list of field names.")
            return ()
        return tuple(dict.fromkeys(given))

    def object(self, value: Any, pointer: str, *, known: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, Mapping):
            self.refuse(pointer, "Give an object.")
            return {}
        for key in value:
            if key not in known:
                self.refuse(f"{pointer}/{key}", "There is no such field.", "unknown")
        return {key: item for key, item in value.items() if key in known}

    def text(self, value: Any, pointer: str, *, limit: int = MAX_REASON_LENGTH) -> str:
        if not isinstance(value, str):
            self.refuse(pointer, "Give text.")
            return ""
        try:
            value = clean_text(value)
        except ValueError as error:
            self.refuse(pointer, str(error))
            return ""
        if len(value) > limit:
            self.refuse(pointer, f"At most {limit} characters.", "max_length")
        return value

    def whole_number(self, body: Mapping[str, Any], key: str, above: str = "") -> int | None:
        value = body.get(key)
        if value is None:
            return None
        # A boolean is an int to Python, and what exceeds bigint no row can have.
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 2**63:
            self.refuse(f"{above}/{key}", "Give the id of a record.")
            return None
        return value

    def switch(self, body: Mapping[str, Any], key: str) -> bool:
        value = body.get(key, True)
        if not isinstance(value, bool):
            self.refuse(f"/{key}", "Give true or false.")
            return True
        return value

    def contact_role(self, body: Mapping[str, Any]) -> str:
        role = body.get("contact_role") or OpportunityRole.OTHER
        if role not in OpportunityRole.values:
            self.refuse("/contact_role", f"Choose one of {', '.join(OpportunityRole.values)}.")
            return OpportunityRole.OTHER
        return role
