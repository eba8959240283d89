"""What every screen of a deal shares: what one may do with it, and asking something first."""

from typing import Any

from django.http import HttpResponse
from django_htmx.http import reswap, retarget

from crm.http import Request, render_page, wants_fragment
from opportunities.models import Opportunity
from people.models import User
from people.ownership import allowed_actions
from people.reach import Action, ReachLevel, RecordType

SLOT = "#ask"


def actions_on(user: User, opportunity: Opportunity) -> set[str]:
    """
    What a person may do with a deal they see, beyond seeing it.

    One's own deals, and those of people within reach, need no query; others may still be
    theirs to work on as a member of the deal's team.
    """
    asked = [Action.EDIT, Action.ASSIGN, Action.DELETE]
    reach = user.reach
    levels = {action: reach.level(RecordType.OPPORTUNITY, action) for action in asked}
    known = {
        action
        for action, level in levels.items()
        if level == ReachLevel.ALL or opportunity.owner_id in reach.user_ids(level)
    }
    return known | allowed_actions(opportunity, user, [a for a in asked if a not in known])


def ask(request: Request, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """
    A question before something is done: a dialog over the page, or a page of its own.

    The context has `title`, `button` and `action` (where the form goes), and perhaps
    `form`, `text`, `note`, `back`, `kind` of the button and `target` (what the answer to
    the form replaces).
    """
    form = context.get("form")
    if form is not None and (fields := form.visible_fields()):
        # A dialog gives the focus to its close button otherwise.
        fields[0].field.widget.attrs["autofocus"] = True
    response = render_page(
        request, "opportunities/ask.html", context, partial="dialog", status=status
    )
    if not wants_fragment(request):
        return response
    return reswap(retarget(response, SLOT), "outerHTML")
