"""What a deal's page shows of its qualification."""

from typing import Any

from django.urls import reverse

from leads.models import Answer, Lead
from leads.services import DealQualification, deal_qualification
from leads.views.panels import Check, answer_form
from opportunities.models import Opportunity
from opportunities.requirements import exit_checks
from people.models import User
from people.ownership import allowed_actions
from people.reach import Action


def may_answer(user: User, opportunity: Opportunity) -> bool:
    """Whether this person may answer now: a closed deal takes no changes."""
    return opportunity.is_open and bool(allowed_actions(opportunity, user, [Action.EDIT]))


def deal_panel(user: User, opportunity: Opportunity) -> dict[str, Any]:
    """The checklist with a form for each criterion, and what the stage still asks for."""
    found = deal_qualification(opportunity)
    answers = may_answer(user, opportunity)
    checks = []
    for item in found.items:
        name = name_of(item.criterion, found)
        checks.append(
            Check(
                item=item,
                name=name,
                form=answer_form(item, name) if answers else None,
                url=reverse("leads:opportunity_answer", args=[opportunity.pk, item.criterion.pk]),
            )
        )
    exits = exit_checks(opportunity) if opportunity.is_open else []
    return {
        "qualification": found,
        "checks": checks,
        "carried": by_lead(user, found.carried),
        "exit_checks": exits,
        "exits_done": sum(is_met for _, is_met in exits),
    }


def name_of(criterion: Any, found: DealQualification) -> str:
    """What a criterion is called on the page; two playbooks may have the same key."""
    if found.playbook and criterion.playbook_id == found.playbook.pk:
        return criterion.key
    return f"{criterion.key}-{criterion.pk}"


def by_lead(user: User, answers: list[Answer]) -> list[tuple[Lead, bool, list[Answer]]]:
    """Each lead that became the deal, whether the reader may open it, and its answers."""
    leads = {answer.lead.pk: answer.lead for answer in answers if answer.lead}
    seen = set(Lead.objects.visible_to(user).filter(pk__in=leads).values_list("pk", flat=True))
    return [
        (lead, pk in seen, [answer for answer in answers if answer.lead_id == pk])
        for pk, lead in leads.items()
    ]
