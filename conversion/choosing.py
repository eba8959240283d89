"""What is chosen before anybody chooses, and what follows from choosing something else."""

from typing import Any

from accounts.models import Contact
from conversion.plans import CREATE, EXISTING, NONE, ConversionPlan, TargetPlan
from leads.known import Match, Matches
from leads.models import AnswerState
from leads.services import Qualification
from opportunities.models import Opportunity
from people.models import User

# A lead whose budget is still unknown is not made a deal by default.
BUDGET = "budget"
Choices = dict[str, tuple[str, int | None]]


def first_plan(
    matches: Matches, found: Qualification, *, for_execution: bool = True
) -> ConversionPlan:
    """
    What the screen starts with: the record of the only strong match, otherwise a new one.

    Several strong matches leave "use existing" without a choice: nothing is guessed.
    """
    account = first_target(matches.strong("account"), for_execution=for_execution)
    contact = first_target(matches.strong("contact"), for_execution=for_execution)
    if contact.id is not None:
        owner_id = next(m.account_id for m in matches.contacts if m.record_id == contact.id)
        if account.action != EXISTING or account.id != owner_id:
            # Somebody of another account: the person says which of the two is right.
            contact = TargetPlan(CREATE)
    return ConversionPlan(
        account=account,
        contact=contact,
        opportunity=TargetPlan(NONE if lacks_budget(found) else CREATE),
    )


def first_target(strong: list[Match], *, for_execution: bool) -> TargetPlan:
    usable = [
        match
        for match in strong
        if match.record is not None and (match.is_editable or not for_execution)
    ]
    if len(strong) == 1 and usable:
        return TargetPlan(EXISTING, usable[0].record_id)
    return TargetPlan(EXISTING if usable else CREATE)


def lacks_budget(found: Qualification) -> bool:
    """Qualifying has begun, and budget is still unknown. A lead nobody asked tells nothing."""
    has_begun = any(item.state != AnswerState.UNKNOWN for item in found.items)
    return has_begun and any(
        item.criterion.key == BUDGET and item.state == AnswerState.UNKNOWN for item in found.items
    )


def settle(chosen: Choices, before: Choices | None, actor: User) -> tuple[Choices, list[str]]:
    """
    Choices that fit together, and what had to change for that, in words.

    Contact and opportunity belong to the account. Whichever was chosen last decides: a
    person or a deal brings its account along; another account lets go of both.
    """
    settled, notes = dict(chosen), []
    contact = record_of(Contact, chosen["contact"], actor)
    deal = record_of(Opportunity, chosen["opportunity"], actor)
    leader = leading(chosen, before)
    first: Any = {"opportunity": deal, "contact": contact}.get(leader)
    if first is not None and chosen["account"] != (EXISTING, first.account_id):
        settled["account"] = (EXISTING, first.account_id)
        notes.append(f"The account is now {first.account.name}: {first.name} belongs to it.")
    for name, record in (("contact", contact), ("opportunity", deal)):
        if record is not None and settled["account"] != (EXISTING, record.account_id):
            settled[name] = (CREATE, None)
            notes.append(f"{record.name} belongs to another account: a new {name} is created.")
    return settled, notes


def leading(chosen: Choices, before: Choices | None) -> str:
    """The target that was chosen last; without a before, the most specific one."""
    for name in ("opportunity", "contact", "account"):
        if chosen[name][0] == EXISTING and (before is None or chosen[name] != before[name]):
            return name
    return "account"


def record_of(model: Any, choice: tuple[str, int | None], actor: User) -> Any:
    action, pk = choice
    if action != EXISTING or pk is None:
        return None
    return model.objects.visible_to(actor).select_related("account").filter(pk=pk).first()
