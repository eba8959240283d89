"""
What must be true of the data at any moment: each query counts the rows that break a rule.

Read after every fault test, nightly, and after every restore.
"""

from django.db import connection

INVARIANTS = {
    "lead converted more than once": """
        SELECT count(*) FROM (SELECT lead_id FROM conversion_conversion
                              GROUP BY lead_id HAVING count(*) > 1) twice""",
    "converted lead without conversion": """
        SELECT count(*) FROM leads_lead lead
         WHERE status_kind = 'converted'
           AND NOT EXISTS (SELECT FROM conversion_conversion WHERE lead_id = lead.id)""",
    "conversion of a lead that is not converted": """
        SELECT count(*) FROM conversion_conversion conversion
          JOIN leads_lead lead ON lead.id = conversion.lead_id
         WHERE lead.status_kind <> 'converted' OR lead.converted_at IS NULL""",
    "conversion and lead name different targets": """
        SELECT count(*) FROM conversion_conversion conversion
          JOIN leads_lead lead ON lead.id = conversion.lead_id
         WHERE (conversion.account_id, conversion.contact_id, conversion.opportunity_id)
               IS DISTINCT FROM (lead.converted_account_id, lead.converted_contact_id,
                                 lead.converted_opportunity_id)""",
    "conversion whose account, contact or opportunity does not exist": """
        SELECT count(*) FROM conversion_conversion conversion
         WHERE NOT EXISTS (SELECT FROM accounts_account WHERE id = conversion.account_id)
            OR NOT EXISTS (SELECT FROM accounts_contact WHERE id = conversion.contact_id)
            OR (opportunity_id IS NOT NULL AND NOT EXISTS
                (SELECT FROM opportunities_opportunity WHERE id = conversion.opportunity_id))""",
    "contact or opportunity of another account": """
        SELECT count(*) FROM conversion_conversion conversion
          JOIN accounts_contact contact ON contact.id = conversion.contact_id
          LEFT JOIN opportunities_opportunity deal ON deal.id = conversion.opportunity_id
         WHERE contact.account_id <> conversion.account_id
            OR deal.account_id <> conversion.account_id""",
    "conversion without exactly one event": """
        SELECT count(*) FROM conversion_conversion conversion
         WHERE (SELECT count(*) FROM activities_event
                 WHERE lead_id = conversion.lead_id AND verb = 'lead.converted') <> 1""",
    "conversion event without conversion": """
        SELECT count(*) FROM activities_event event
         WHERE verb = 'lead.converted'
           AND NOT EXISTS (SELECT FROM conversion_conversion WHERE lead_id = event.lead_id)""",
    "requested conversion without an approved request": """
        SELECT count(*) FROM conversion_conversion conversion
          LEFT JOIN conversion_conversionrequest request ON request.id = conversion.request_id
         WHERE conversion.mode = 'requested'
           AND (request.id IS NULL OR request.state <> 'converted'
                OR request.decided_by_id IS NULL OR conversion.approved_by_id IS NULL)""",
    "request decided by its own requester": """
        SELECT count(*) FROM conversion_conversionrequest
         WHERE NOT may_approve_own
           AND (approver_id = requester_id OR decided_by_id = requester_id)""",
    "two open requests of one lead": """
        SELECT count(*) FROM (SELECT lead_id FROM conversion_conversionrequest
                               WHERE state IN ('pending', 'sent_back', 'approved', 'disputed')
                               GROUP BY lead_id HAVING count(*) > 1) twice""",
    "open request on a converted lead": """
        SELECT count(*) FROM conversion_conversionrequest request
          JOIN leads_lead lead ON lead.id = request.lead_id
         WHERE request.state IN ('pending', 'sent_back', 'approved', 'disputed')
           AND lead.status_kind = 'converted'""",
    "request whose state is not that of its last transition": """
        SELECT count(*) FROM conversion_conversionrequest request
         WHERE request.state IS DISTINCT FROM
               (SELECT to_state FROM conversion_requesttransition
                 WHERE request_id = request.id ORDER BY at DESC, id DESC LIMIT 1)""",
    "idempotency key without an answer": """
        SELECT count(*) FROM crm_idempotencykey WHERE status IS NULL""",
    "lead converted before it was created": """
        SELECT count(*) FROM leads_lead WHERE converted_at < created_at""",
    "converted lead changed after its conversion": """
        SELECT count(*) FROM conversion_conversion conversion
          JOIN leads_leadhistory history ON history.pgh_obj_id = conversion.lead_id
         WHERE history.status_kind <> 'converted'
           AND history.pgh_id > (SELECT min(pgh_id) FROM leads_leadhistory
                                  WHERE pgh_obj_id = conversion.lead_id
                                    AND status_kind = 'converted')""",
    "opportunity that differs from its last history row": """
        SELECT count(*) FROM opportunities_opportunity deal
          JOIN LATERAL (SELECT stage_id, amount, close_date
                          FROM opportunities_opportunityhistory
                         WHERE pgh_obj_id = deal.id ORDER BY pgh_id DESC LIMIT 1) last ON true
         WHERE (last.stage_id, last.amount, last.close_date)
               IS DISTINCT FROM (deal.stage_id, deal.amount, deal.close_date)""",
    "opportunity without history": """
        SELECT count(*) FROM opportunities_opportunity deal
         WHERE NOT EXISTS (SELECT FROM opportunities_opportunityhistory
                            WHERE pgh_obj_id = deal.id)""",
    "line items that do not sum to the amount": """
        SELECT count(*) FROM (
            SELECT deal.id FROM opportunities_opportunity deal
              JOIN opportunities_lineitem item ON item.opportunity_id = deal.id
             GROUP BY deal.id HAVING sum(item.total) IS DISTINCT FROM deal.amount) wrong""",
    "credit for a conversion that has its own opportunity": """
        SELECT count(*) FROM conversion_conversioncredit credit
          JOIN conversion_conversion conversion ON conversion.id = credit.conversion_id
         WHERE conversion.opportunity_id IS NOT NULL""",
}


def broken_invariants() -> dict[str, int]:
    """{rule: how many rows break it}, for those that any row breaks."""
    return {rule: count for rule, count in count_invariants() if count}


def count_invariants() -> list[tuple[str, int]]:
    """Every rule with the number of rows that break it."""
    counts = []
    with connection.cursor() as cursor:
        for rule, query in INVARIANTS.items():
            cursor.execute(query)
            counts.append((rule, cursor.fetchone()[0]))
    return counts
