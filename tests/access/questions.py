"""
What each address of the table is asked with.

ARGUMENTS says which of Rita's records the address names, BODIES what a POST sends.
"""

import uuid
from functools import partial

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import Campaign
from tests.access.table import LISTS
from tests.access.world import (
    NEW,
    asked_of,
    criterion_of,
    disputed,
    later_deal,
    met_path,
    receipt,
    receipt_without_deal,
    rejected,
    requested,
    sent_back,
)
from tests.factories import UserFactory


def first(catalog, ritas):
    """The address of some entry of a list; a new one where there is none."""
    entry = catalog.model.objects.first() or catalog.model.objects.create(name="One")
    return [entry.pk]


def above(catalog, ritas):
    """The entry below which a new one is made, if the list is below another."""
    if not catalog.parent:
        return []
    return [catalog.model._meta.get_field(catalog.parent).related_model.objects.first().pk]


def harmless(catalog, ritas):
    """A button of a list that always works."""
    return [*first(catalog, ritas), "up" if catalog.has_order else "restore"]


ARGUMENTS = {
    "accounts:assign": lambda ritas: [ritas.leos.account_id],
    "accounts:delete": lambda ritas: [ritas.leos.account_id],
    "accounts:detail": lambda ritas: [ritas.leos.account_id],
    "accounts:edit": lambda ritas: [ritas.leos.account_id],
    "accounts:member_add": lambda ritas: [ritas.leos.account_id],
    "api:account-assign": lambda ritas: [ritas.leos.account_id],
    "api:account-detail": lambda ritas: [ritas.leos.account_id],
    "accounts:member_remove": lambda ritas: [ritas.leos.account_id, ritas.member.pk],
    "accounts:contact": lambda ritas: [ritas.leos.pk],
    "accounts:contact_assign": lambda ritas: [ritas.leos.pk],
    "accounts:contact_delete": lambda ritas: [ritas.leos.pk],
    "accounts:contact_edit": lambda ritas: [ritas.leos.pk],
    "api:contact-assign": lambda ritas: [ritas.leos.pk],
    "api:contact-detail": lambda ritas: [ritas.leos.pk],
    "activities:delete": lambda ritas: [ritas.task.pk],
    "activities:done": lambda ritas: [ritas.task.pk],
    "activities:edit": lambda ritas: [ritas.task.pk],
    "activities:file": lambda ritas: [ritas.file.pk],
    "activities:reopen": lambda ritas: [ritas.task.pk],
    "activities:timeline": lambda ritas: ["account", ritas.account.pk],
    "api:activity-detail": lambda ritas: [ritas.task.pk],
    "api:activity-complete": lambda ritas: [ritas.task.pk],
    "api:activity-reopen": lambda ritas: [ritas.task.pk],
    "api:opportunity-assign": lambda ritas: [ritas.deal.pk],
    "api:opportunity-contact-roles": lambda ritas: [ritas.deal.pk],
    "api:opportunity-detail": lambda ritas: [ritas.deal.pk],
    "api:opportunity-history": lambda ritas: [ritas.deal.pk],
    "api:opportunity-line-items": lambda ritas: [ritas.deal.pk],
    "api:opportunity-move": lambda ritas: [ritas.deal.pk],
    "api:opportunity-reopen": lambda ritas: [ritas.deal.pk],
    "api:pipeline-detail": lambda ritas: [ritas.deal.pipeline_id],
    "api:product-detail": lambda ritas: [ritas.product.pk],
    "api:stage-detail": lambda ritas: [ritas.deal.stage_id],
    "opportunities:assign": lambda ritas: [ritas.deal.pk],
    "opportunities:board_move": lambda ritas: [ritas.deal.pk],
    "opportunities:close": lambda ritas: [ritas.deal.pk],
    "opportunities:delete": lambda ritas: [ritas.deal.pk],
    "opportunities:detail": lambda ritas: [ritas.deal.pk],
    "opportunities:edit": lambda ritas: [ritas.deal.pk],
    "opportunities:history": lambda ritas: [ritas.deal.pk],
    "opportunities:line_items": lambda ritas: [ritas.deal.pk],
    "opportunities:move": lambda ritas: [ritas.deal.pk],
    "opportunities:of_account": lambda ritas: [ritas.deal.account_id],
    "opportunities:of_contact": lambda ritas: [ritas.part.contact_id],
    "opportunities:people": lambda ritas: [ritas.deal.pk],
    "opportunities:person_remove": lambda ritas: [ritas.deal.pk, ritas.part.pk],
    "opportunities:product_edit": lambda ritas: [ritas.product.pk],
    "opportunities:reopen": lambda ritas: [ritas.deal.pk],
    "api:conversion-credit": lambda ritas: [receipt(ritas).pk],
    "api:conversion-detail": lambda ritas: [receipt(ritas).pk],
    "api:conversion-re-engage": lambda ritas: [receipt(ritas).pk],
    **dict.fromkeys(
        (
            f"api:conversion-request-{act}"
            for act in ("approve", "detail", "history", "reassign", "recall", "reject", "send-back")
        ),
        lambda ritas: [requested(ritas).pk],
    ),
    "api:conversion-request-decide-dispute": lambda ritas: [disputed(ritas).pk],
    "api:conversion-request-dispute": lambda ritas: [rejected(ritas).pk],
    "api:conversion-request-resubmit": lambda ritas: [sent_back(ritas).pk],
    **dict.fromkeys(
        (
            f"api:lead-conversion-{act}"
            for act in ("conversion-preview", "conversion-requests", "convert")
        ),
        lambda ritas: [ritas.lead.pk],
    ),
    **dict.fromkeys(("conversion:convert", "conversion:submit"), lambda ritas: [ritas.lead.pk]),
    **dict.fromkeys(
        (f"conversion:{act}" for act in ("decide", "reassign", "recall", "request")),
        lambda ritas: [requested(ritas).pk],
    ),
    "conversion:dispute": lambda ritas: [rejected(ritas).pk],
    "conversion:judge": lambda ritas: [disputed(ritas).pk],
    "conversion:resubmit": lambda ritas: [sent_back(ritas).pk],
    "conversion:of_account": lambda ritas: [receipt(ritas).account_id],
    "conversion:of_contact": lambda ritas: [receipt(ritas).contact_id],
    "conversion:of_opportunity": lambda ritas: [receipt(ritas).opportunity_id],
    "conversion:receipt": lambda ritas: [receipt(ritas).pk],
    **dict.fromkeys(
        ("conversion:credit", "conversion:receipt_opportunity"),
        lambda ritas: [receipt_without_deal(ritas).pk],
    ),
    "conversion:reengage": lambda ritas: [receipt(ritas).pk],
    "api:campaign-detail": lambda ritas: [Campaign.objects.create(name="Spring").pk],
    "api:lead-source-detail": lambda ritas: [ritas.lead.source_id],
    "api:lead-status-detail": lambda ritas: [ritas.lead.status_id],
    "api:playbook-detail": lambda ritas: [criterion_of(ritas.lead).playbook_id],
    "api:reason-detail": lambda ritas: [ritas.reopening.pk],
    **dict.fromkeys(
        (
            f"api:lead-{act}"
            for act in ("assign", "claim", "detail", "matches", "qualification", "status")
        ),
        lambda ritas: [ritas.lead.pk],
    ),
    **dict.fromkeys(("api:queue-detail", "api:queue-take-next"), lambda ritas: [ritas.queue.pk]),
    "leads:answer": lambda ritas: [ritas.lead.pk, criterion_of(ritas.lead).pk],
    "leads:evidence": lambda ritas: [ritas.lead.pk, ritas.said.pk],
    "leads:opportunity_answer": lambda ritas: [ritas.deal.pk, asked_of(ritas.deal).pk],
    "leads:opportunity_answers": lambda ritas: [ritas.deal.pk],
    "leads:opportunity_evidence": lambda ritas: [ritas.deal.pk, ritas.said_of_deal.pk],
    "api:opportunity-qualification-qualification": lambda ritas: [ritas.deal.pk],
    **{
        f"leads:{act}": lambda ritas: [ritas.lead.pk]
        for act in (
            "assign",
            "delete",
            "detail",
            "edit",
            "known",
            "next_step",
            "preview",
            "related",
            "status",
        )
    },
}
ARGUMENTS |= {
    "api:role-detail": lambda ritas: [ritas.account.owner.role_id],
    "api:team-detail": lambda ritas: [ritas.account.owner.team_id],
    **dict.fromkeys(
        (
            f"integrations:import_{act}"
            for act in (
                "choices", "columns", "correct", "detail", "discard", "go_on", "refused", "run",
                "undo",
            )
        ),
        lambda ritas: [ritas.batch.pk],
    ),
    **dict.fromkeys(
        (
            f"api:import-{act}"
            for act in ("check", "detail", "errors", "go-on", "revert", "run")
        ),
        lambda ritas: [ritas.batch.pk],
    ),
    "api:token-detail": lambda ritas: [ritas.token.pk],
    "integrations:token_revoke": lambda ritas: [ritas.token.pk],
    "settings:user_invite_again": lambda ritas: [UserFactory(password="!").pk],
    "people:delegate_end": lambda ritas: [ritas.leos_delegation.pk],
} | dict.fromkeys(
    [
        *(f"api:user-{act}" for act in ("deactivate", "detail", "holdings", "reactivate")),
        *(f"settings:user_{act}" for act in ("deactivate", "edit", "reactivate")),
        "people:user",
    ],
    lambda ritas: [ritas.account.owner_id],
)  # fmt: skip
for act in ("delete", "edit"):
    ARGUMENTS[f"settings:role_{act}"] = lambda ritas: [ritas.account.owner.role_id]
    ARGUMENTS[f"settings:team_{act}"] = lambda ritas: [ritas.account.owner.team_id]
for catalog in LISTS:
    ARGUMENTS |= {
        f"{catalog.url_name}_create": partial(above, catalog),
        f"{catalog.url_name}_edit": partial(first, catalog),
        f"{catalog.url_name}_act": partial(harmless, catalog),
    }
BODIES = {
    "api:account-assign": lambda ritas: {"owner": ritas.leos.owner_id},
    "api:account-bulk": lambda ritas: {"rows": [{"name": "Halcyon"}]},
    "api:account-list": lambda ritas: {"name": "Halcyon"},
    "api:contact-assign": lambda ritas: {"owner": ritas.leos.owner_id},
    "api:contact-bulk": lambda ritas: {"rows": [{"last_name": "Kovač"}]},
    "api:contact-list": lambda ritas: {"account": ritas.leos.account_id, "last_name": "Kovač"},
    "api:activity-bulk": lambda ritas: {"rows": [{"id": ritas.task.pk, "subject": "Send it"}]},
    "api:activity-list": lambda ritas: {
        "kind": "note", "body": "Hi", "account": ritas.account.pk,
    },
    "api:import-list": lambda ritas: {
        "file": SimpleUploadedFile("leads.csv", b"Last name,Email\nLi,li@example.com\n")
    },
    "activities:delete": lambda ritas: {"next": "/tasks/"},
    "activities:edit": lambda ritas: {
        "subject": "Send it", "priority": "high", "at": "2026-11-20T10:00",
        "owner": ritas.task.owner_id, "next": "/tasks/",
    },
    "activities:log": lambda ritas: {
        "record": f"account-{ritas.account.pk}", "kind": "note", "body": "Hi", "next": "/tasks/",
    },
    "api:opportunity-assign": lambda ritas: {"owner": ritas.deal.owner_id},
    "api:opportunity-bulk": lambda ritas: {"rows": [{"id": ritas.deal.pk, "name": "Deal"}]},
    "api:opportunity-contact-roles": lambda ritas: {
        "contact": ritas.part.contact_id, "role": "champion",
    },
    "api:opportunity-line-items": lambda ritas: {"items": [{"product": ritas.product.pk}]},
    "api:opportunity-list": lambda ritas: {"name": "Deal", "account": ritas.deal.account_id},
    "api:opportunity-move": lambda ritas: {"stage": ritas.next_stage.pk},
    "api:opportunity-reopen": lambda ritas: {"reason": ritas.reopening.pk},
    "api:product-bulk": lambda ritas: {"rows": [{"name": "New product"}]},
    "api:product-list": lambda ritas: {"name": "New product"},
    "api:user-list": lambda ritas: {
        "email": "priya@example.com", "full_name": "Priya", "role": ritas.account.owner.role_id,
    },
    "opportunities:assign": lambda ritas: {"to": ritas.deal.owner_id},
    "opportunities:board_move": lambda ritas: {"stage": ritas.next_stage.pk},
    "opportunities:edit": lambda ritas: {
        "version": 1, "name": "Deal", "currency": "EUR", "close_date": "2026-12-31",
        "type": "new",
    },
    "opportunities:line_items": lambda ritas: {
        "version": 1, "form-TOTAL_FORMS": 0, "form-INITIAL_FORMS": 0,
    },
    "opportunities:move": lambda ritas: {"stage": ritas.next_stage.pk},
    "opportunities:people": lambda ritas: {"contact": ritas.part.contact_id, "role": "user"},
    "api:conversion-credit": lambda ritas: {"opportunity": ritas.deal.pk},
    "api:conversion-bulk": lambda ritas: {"rows": [{"lead": ritas.lead.pk, "plan": NEW}]},
    "api:conversion-request-decide-dispute": lambda ritas: {
        "overturn": False, "statement": "They have none.",
    },
    "api:conversion-request-dispute": lambda ritas: {"statement": "They have a budget."},
    "api:conversion-request-reassign": lambda ritas: {"to": UserFactory(role="ae").pk},
    "api:conversion-request-reject": lambda ritas: {
        "reason": "no_budget", "outcome": "keep_working", "note": "Not this year.",
    },
    "api:conversion-request-send-back": lambda ritas: {"message": "What budget?"},
    "api:lead-conversion-conversion-preview": lambda ritas: NEW,
    "api:lead-conversion-conversion-requests": lambda ritas: {
        "path": met_path(ritas).pk, "plan": NEW,
        "approver": ritas.deal.owner_id,
    },
    "api:lead-conversion-convert": lambda ritas: NEW,
    "conversion:credit": lambda ritas: {"opportunity": later_deal(ritas).pk},
    "conversion:decide": lambda ritas: {"decision": "approve_only"},
    "conversion:dispute": lambda ritas: {"statement": "They have a budget."},
    "conversion:judge": lambda ritas: {"verdict": "uphold", "statement": "They have none."},
    "conversion:reassign": lambda ritas: {"to": UserFactory(role="ae").pk},
    "conversion:receipt_opportunity": lambda ritas: {"name": "Later"},
    "api:lead-assign": lambda ritas: {"owner": ritas.lead.owner_id},
    "api:lead-bulk": lambda ritas: {"rows": [{"id": ritas.lead.pk, "city": "Bonn"}]},
    "api:lead-list": lambda ritas: {"last_name": "Kovač", "source": ritas.lead.source_id},
    "api:lead-qualification": lambda ritas: {
        "answers": [{"criterion": criterion_of(ritas.lead).key, "state": "assumed"}],
    },
    "api:lead-status": lambda ritas: {"status": ritas.lead.status_id},
    "leads:answer": lambda ritas: {f"{criterion_of(ritas.lead).key}-state": "assumed"},
    "leads:opportunity_answer": lambda ritas: {f"{asked_of(ritas.deal).key}-state": "assumed"},
    "api:opportunity-qualification-qualification": lambda ritas: {
        "answers": [{"criterion": "champion", "state": "assumed"}],
    },
    "leads:assign": lambda ritas: {"owner": ritas.lead.owner_id},
    "leads:bulk": lambda ritas: {
        "act": "next_step", "lead": ritas.lead.pk, "next_step": "Call",
    },
    "leads:claim": lambda ritas: {"lead": ritas.lead.pk},
    "leads:create": lambda ritas: {
        "last_name": "New", "source": ritas.lead.source_id, "owner": ritas.lead.owner_id,
    },
    "leads:edit": lambda ritas: {
        "last_name": "Renamed", "source": ritas.lead.source_id, "version": ritas.lead.version,
    },
    "leads:evidence": lambda ritas: {
        "criterion": criterion_of(ritas.lead).pk, "evidence": "We have 20,000.",
    },
    "leads:opportunity_evidence": lambda ritas: {
        "criterion": asked_of(ritas.deal).pk, "evidence": "We have 20,000.",
    },
    "leads:next_step": lambda ritas: {"next_step": "Call"},
    "leads:queue": lambda ritas: {"lead": ritas.lead.pk, "note": "Hi", "plan": "week"},
    "leads:release": lambda ritas: {"token": uuid.uuid4()},
    "leads:status": lambda ritas: {"status": ritas.lead.status_id},
    "leads:take_next": lambda ritas: {"queue": ritas.queue.pk},
}  # fmt: skip
