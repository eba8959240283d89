"""Who may convert a lead without a request: what the playbook's paths and the role say."""

from typing import Any

from django.db import connection

from conversion.errors import ApprovalNeeded, RequestIsOpen
from conversion.models import OPEN_STATES, ConversionRequest
from crm.errors import require
from leads.models import AnswerState, ApprovalRule, Lead, PlaybookSubject
from leads.services import NEAREST_PLAYBOOK
from people.models import User
from people.reach import Action, ReachLevel, RecordType

# As SQL: the ORM takes longer to write it than the database to answer it. It is the rule of
# `path_statuses`: of no required criteria "all are confirmed" is unknown, and so no path is met.
PATH_RULES = f"""
    SELECT path.approval, coalesce((
        SELECT bool_and(EXISTS (
                   SELECT FROM leads_answer answer
                    WHERE answer.lead_id = %(lead)s AND answer.criterion_id = needed.criterion_id
                      AND answer.state = %(confirmed)s))
          FROM leads_pathcriterion needed
          JOIN leads_criterion criterion ON criterion.id = needed.criterion_id
         WHERE needed.path_id = path.id AND needed.is_required AND criterion.is_active), false)
      FROM leads_path path
     WHERE path.is_active AND path.playbook_id = coalesce(%(playbook)s, ({NEAREST_PLAYBOOK}))
"""  # noqa: S608 - no part of it comes from outside


def require_direct_conversion_allowed(lead: Lead, actor: User) -> None:
    """
    Who may convert without a request: whoever has the right on this lead, or where a met
    path says that a request is enough, whoever may request.

    Raises RequestIsOpen, ApprovalNeeded, or PermissionDenied.
    """
    if lead.handoff_state in OPEN_STATES:
        open_request = ConversionRequest.objects.open().get(lead=lead)
        raise RequestIsOpen(lead, open_request.pk)
    rules = [rule for rule, is_met in path_rules(lead) if is_met]
    if ApprovalRule.NEVER in rules and may(actor, Action.REQUEST, lead):
        return
    require(may(actor, Action.CONVERT, lead))
    # Without a met path nothing says "always": the person's right decides.
    if rules and all(rule == ApprovalRule.ALWAYS for rule in rules):
        raise ApprovalNeeded(lead)


def may(actor: User, action: str, lead: Lead) -> bool:
    """visible_to for a lead in hand; asks the database only where ownership does not settle it."""
    level = actor.reach.level(RecordType.LEAD, action)
    if level in (ReachLevel.ALL, ReachLevel.NONE):
        return level == ReachLevel.ALL
    if lead.owner_id in actor.reach.user_ids(level):
        return True
    return Lead.objects.visible_to(actor, action).filter(pk=lead.pk).exists()


def path_rules(lead: Lead) -> list[tuple[str, bool]]:
    """(approval rule, whether it is met) of each path of the lead's playbook."""
    about: dict[str, Any] = {
        "lead": lead.pk,
        "confirmed": AnswerState.CONFIRMED,
        "playbook": lead.playbook_id,
        "subject": PlaybookSubject.LEAD,
        "team": lead.team_id,
    }
    with connection.cursor() as cursor:
        cursor.execute(PATH_RULES, about)
        return cursor.fetchall()
