"""
Who gets which answer from which address: documentation that fails.

Everything is Rita's, in the north team. Leo of the same team sees her accounts, not her leads.
The pages of accounts and contacts are asked for his, since an SDR has none to work on.
A new view means a new row for each method it takes;
ARGUMENTS says which of her records its address names, BODIES what a POST sends.
"""

from functools import partial
from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.models import Campaign
from activities.models import Reason
from activities.services import log_activity
from conversion import services as conversion
from crm.settings_pages import CATALOGS
from integrations.services import create_token
from leads.services import qualification
from opportunities.configuration import STAGES
from opportunities.models import Stage
from people.ownership import MemberKind
from tests.conversion.conftest import confirm, plan_of
from tests.factories import (
    AccountFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    ProductFactory,
    QueueFactory,
    UserFactory,
)

CAST = ("rita", "nadia", "soren", "leo", "ada")


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


TABLE = [
    # url name                   method    rita nadia soren leo ada
    ("accounts:assign",            "get",    403, 200, 404, 200, 200),
    ("accounts:assign",            "post",   403, 422, 404, 422, 422),
    ("accounts:bulk",              "get",    403, 200, 403, 200, 200),
    ("accounts:bulk",              "post",   403, 422, 403, 422, 422),
    ("accounts:contact",           "get",    200, 200, 404, 200, 200),
    ("accounts:contact_assign",    "get",    403, 200, 404, 200, 200),
    ("accounts:contact_assign",    "post",   403, 422, 404, 422, 422),
    ("accounts:contact_bulk",      "get",    403, 200, 403, 200, 200),
    ("accounts:contact_bulk",      "post",   403, 422, 403, 422, 422),
    ("accounts:contact_create",    "get",    403, 200, 403, 200, 200),
    ("accounts:contact_create",    "post",   403, 422, 403, 422, 422),
    ("accounts:contact_delete",    "get",    403, 200, 404, 200, 200),
    ("accounts:contact_delete",    "post",   403, 302, 404, 302, 302),
    ("accounts:contact_edit",      "get",    403, 200, 404, 200, 200),
    ("accounts:contact_edit",      "post",   403, 422, 404, 422, 422),
    ("accounts:contact_filter",    "get",    200, 200, 200, 200, 200),
    ("accounts:contact_options",   "get",    200, 200, 200, 200, 200),
    ("accounts:contact_similar",   "get",    403, 200, 403, 200, 200),
    ("accounts:contacts",          "get",    200, 200, 200, 200, 200),
    ("accounts:create",            "get",    403, 200, 403, 200, 200),
    ("accounts:create",            "post",   403, 422, 403, 422, 422),
    ("accounts:delete",            "get",    403, 200, 404, 200, 200),
    ("accounts:delete",            "post",   403, 409, 404, 409, 409),
    ("accounts:detail",            "get",    200, 200, 404, 200, 200),
    ("accounts:edit",              "get",    403, 200, 404, 200, 200),
    ("accounts:edit",              "post",   403, 422, 404, 422, 422),
    ("accounts:filter",            "get",    200, 200, 200, 200, 200),
    ("accounts:list",              "get",    200, 200, 200, 200, 200),
    ("accounts:member_add",        "get",    403, 200, 404, 200, 200),
    ("accounts:member_add",        "post",   403, 422, 404, 422, 422),
    ("accounts:member_remove",     "post",   403, 302, 404, 302, 302),
    ("accounts:options",           "get",    200, 200, 200, 200, 200),
    ("accounts:similar",           "get",    403, 200, 403, 200, 200),
    ("activities:delete",          "post",   302, 302, 404, 403, 302),
    ("activities:done",            "post",   302, 302, 404, 403, 302),
    ("activities:edit",            "get",    200, 200, 404, 403, 200),
    ("activities:edit",            "post",   302, 302, 404, 403, 302),
    ("activities:file",            "get",    200, 200, 404, 200, 200),
    ("activities:log",             "post",   302, 302, 404, 302, 302),
    ("activities:notifications",   "get",    200, 200, 200, 200, 200),
    ("activities:read",            "post",   302, 302, 302, 302, 302),
    ("activities:reopen",          "post",   302, 302, 404, 403, 302),
    ("activities:tasks",           "get",    200, 200, 200, 200, 200),
    ("activities:timeline",        "get",    200, 200, 404, 200, 200),
    ("api:account-assign",         "post",   403, 200, 404, 200, 200),
    ("api:account-bulk",           "post",   200, 200, 200, 200, 200),
    ("api:account-detail",         "delete", 403, 409, 404, 409, 409),
    ("api:account-detail",         "get",    200, 200, 404, 200, 200),
    ("api:account-detail",         "patch",  403, 200, 404, 200, 200),
    ("api:account-list",           "get",    200, 200, 200, 200, 200),
    ("api:account-list",           "post",   403, 201, 403, 201, 201),
    ("api:activity-complete",      "post",   200, 200, 404, 403, 200),
    ("api:activity-detail",        "get",    200, 200, 404, 200, 200),
    ("api:activity-list",          "get",    200, 200, 200, 200, 200),
    ("api:activity-reopen",        "post",   200, 200, 404, 403, 200),
    ("api:contact-assign",         "post",   403, 200, 404, 200, 200),
    ("api:contact-bulk",           "post",   200, 200, 200, 200, 200),
    ("api:contact-detail",         "delete", 403, 204, 404, 204, 204),
    ("api:contact-detail",         "get",    200, 200, 404, 200, 200),
    ("api:contact-detail",         "patch",  403, 200, 404, 200, 200),
    ("api:contact-list",           "get",    200, 200, 200, 200, 200),
    ("api:contact-list",           "post",   403, 201, 400, 201, 201),
    ("api:event-list",             "get",    200, 200, 200, 200, 200),
    ("api:opportunity-assign",      "post",   403, 200, 404, 200, 200),
    ("api:opportunity-bulk",        "post",   200, 200, 200, 200, 200),
    ("api:opportunity-contact-roles","get",    200, 200, 404, 200, 200),
    ("api:opportunity-contact-roles","post",   403, 201, 404, 201, 201),
    ("api:opportunity-detail",      "delete", 403, 204, 404, 204, 204),
    ("api:opportunity-detail",      "get",    200, 200, 404, 200, 200),
    ("api:opportunity-detail",      "patch",  403, 200, 404, 200, 200),
    ("api:opportunity-history",     "get",    200, 200, 404, 200, 200),
    ("api:opportunity-line-items",  "get",    200, 200, 404, 200, 200),
    ("api:opportunity-line-items",  "post",   403, 200, 404, 200, 200),
    ("api:opportunity-list",        "get",    200, 200, 200, 200, 200),
    ("api:opportunity-list",        "post",   403, 201, 400, 201, 201),
    ("api:opportunity-move",        "post",   403, 200, 404, 200, 200),
    ("api:opportunity-reopen",      "post",   403, 409, 404, 403, 409),
    ("api:pipeline-detail",         "get",    200, 200, 200, 200, 200),
    ("api:pipeline-list",           "get",    200, 200, 200, 200, 200),
    ("api:product-detail",          "get",    200, 200, 200, 200, 200),
    ("api:product-detail",          "patch",  403, 403, 403, 403, 200),
    ("api:product-list",            "get",    200, 200, 200, 200, 200),
    ("api:product-list",            "post",   403, 403, 403, 403, 201),
    ("api:stage-detail",            "get",    200, 200, 200, 200, 200),
    ("api:stage-list",              "get",    200, 200, 200, 200, 200),
    ("opportunities:assign",        "get",    403, 200, 404, 200, 200),
    ("opportunities:assign",        "post",   403, 302, 404, 302, 302),
    ("opportunities:board",         "get",    200, 200, 200, 200, 200),
    ("opportunities:board_move",    "post",   404, 302, 404, 302, 302),
    ("opportunities:close",         "get",    403, 200, 404, 200, 200),
    ("opportunities:close",         "post",   403, 200, 404, 200, 200),
    ("opportunities:create",        "get",    403, 200, 403, 200, 200),
    ("opportunities:create",        "post",   403, 422, 403, 422, 422),
    ("opportunities:delete",        "get",    403, 200, 404, 200, 200),
    ("opportunities:delete",        "post",   403, 302, 404, 302, 302),
    ("opportunities:detail",        "get",    200, 200, 404, 200, 200),
    ("opportunities:edit",          "get",    403, 200, 404, 200, 200),
    ("opportunities:edit",          "post",   403, 302, 404, 302, 302),
    ("opportunities:filter",        "get",    200, 200, 200, 200, 200),
    ("opportunities:history",       "get",    200, 200, 404, 200, 200),
    ("opportunities:line_items",    "get",    403, 200, 404, 200, 200),
    ("opportunities:line_items",    "post",   403, 302, 404, 302, 302),
    ("opportunities:list",          "get",    200, 200, 200, 200, 200),
    ("opportunities:move",          "get",    403, 200, 404, 200, 200),
    ("opportunities:move",          "post",   403, 302, 404, 302, 302),
    ("opportunities:of_account",    "get",    200, 200, 404, 200, 200),
    ("opportunities:of_contact",    "get",    200, 200, 404, 200, 200),
    ("opportunities:people",        "get",    200, 200, 404, 200, 200),
    ("opportunities:people",        "post",   403, 302, 404, 302, 302),
    ("opportunities:person_remove", "post",   403, 302, 404, 302, 302),
    ("opportunities:product_create","get",    403, 403, 403, 403, 200),
    ("opportunities:product_create","post",   403, 403, 403, 403, 422),
    ("opportunities:product_edit",  "get",    403, 403, 403, 403, 200),
    ("opportunities:product_edit",  "post",   403, 403, 403, 403, 422),
    ("opportunities:products",      "get",    403, 403, 403, 403, 200),
    ("opportunities:rates",         "get",    403, 403, 403, 403, 200),
    ("opportunities:rates",         "post",   403, 403, 403, 403, 422),
    ("opportunities:reopen",        "get",    403, 200, 404, 403, 200),
    ("opportunities:reopen",        "post",   403, 422, 404, 403, 422),
    ("api:me",                      "get",    200, 200, 200, 200, 200),
    ("api:me",                      "patch",  200, 200, 200, 200, 200),
    ("api:role-detail",             "get",    200, 200, 200, 200, 200),
    ("api:role-list",               "get",    200, 200, 200, 200, 200),
    ("api:team-detail",             "get",    200, 200, 200, 200, 200),
    ("api:team-list",               "get",    200, 200, 200, 200, 200),
    ("api:user-deactivate",         "post",   403, 403, 403, 403, 422),
    ("api:user-detail",             "get",    200, 200, 200, 200, 200),
    ("api:user-detail",             "patch",  403, 403, 403, 403, 200),
    ("api:user-holdings",           "get",    403, 403, 403, 403, 200),
    ("api:user-list",               "get",    200, 200, 200, 200, 200),
    ("api:user-list",               "post",   403, 403, 403, 403, 201),
    ("api:user-reactivate",         "post",   403, 403, 403, 403, 200),
    ("integrations:token_revoke",   "post",   302, 404, 404, 404, 302),
    ("integrations:tokens",         "get",    200, 200, 200, 200, 200),
    ("integrations:tokens",         "post",   422, 422, 422, 422, 422),
    ("people:delegate",             "post",   422, 422, 422, 422, 422),
    ("people:delegate_end",         "post",   404, 404, 404, 302, 404),
    ("people:profile",              "get",    200, 200, 200, 200, 200),
    ("people:profile",              "post",   422, 422, 422, 422, 422),
    ("people:user",                 "get",    200, 200, 200, 200, 200),
    ("settings:audit",              "get",    403, 403, 403, 403, 200),
    ("settings:index",              "get",    403, 403, 403, 403, 200),
    ("settings:role_create",        "get",    403, 403, 403, 403, 200),
    ("settings:role_create",        "post",   403, 403, 403, 403, 422),
    ("settings:role_delete",        "post",   403, 403, 403, 403, 409),
    ("settings:role_edit",          "get",    403, 403, 403, 403, 200),
    ("settings:role_edit",          "post",   403, 403, 403, 403, 422),
    ("settings:roles",              "get",    403, 403, 403, 403, 200),
    ("settings:team_create",        "get",    403, 403, 403, 403, 200),
    ("settings:team_create",        "post",   403, 403, 403, 403, 422),
    ("settings:team_delete",        "post",   403, 403, 403, 403, 409),
    ("settings:team_edit",          "get",    403, 403, 403, 403, 200),
    ("settings:team_edit",          "post",   403, 403, 403, 403, 422),
    ("settings:teams",              "get",    403, 403, 403, 403, 200),
    ("settings:user_deactivate",    "get",    403, 403, 403, 403, 200),
    ("settings:user_deactivate",    "post",   403, 403, 403, 403, 422),
    ("settings:user_edit",          "get",    403, 403, 403, 403, 200),
    ("settings:user_edit",          "post",   403, 403, 403, 403, 422),
    ("settings:user_invite",        "get",    403, 403, 403, 403, 200),
    ("settings:user_invite",        "post",   403, 403, 403, 403, 422),
    ("settings:user_invite_again",  "post",   403, 403, 403, 403, 302),
    ("settings:user_reactivate",    "post",   403, 403, 403, 403, 302),
    ("settings:users",              "get",    403, 403, 403, 403, 200),
    ("settings:workspace",          "get",    403, 403, 403, 403, 200),
    ("settings:workspace",          "post",   403, 403, 403, 403, 422),
    ("home",                        "get",    200, 200, 200, 200, 200),
    ("api:conversion-bulk",         "post",   200, 200, 200, 200, 200),
    ("api:conversion-detail",       "get",    200, 200, 404, 200, 200),
    ("api:conversion-list",         "get",    200, 200, 200, 200, 200),
    ("api:conversion-request-approve","post", 403, 200, 404, 200, 200),
    ("api:conversion-request-decide-dispute","post",403, 200, 404, 403, 200),
    ("api:conversion-request-detail","get",   200, 200, 404, 200, 200),
    ("api:conversion-request-dispute","post", 200, 403, 404, 403, 403),
    ("api:conversion-request-list", "get",    200, 200, 200, 200, 200),
    ("api:conversion-request-reassign","post",403, 200, 404, 200, 200),
    ("api:conversion-request-recall","post",  200, 403, 404, 403, 403),
    ("api:conversion-request-reject","post",  403, 200, 404, 200, 200),
    ("api:conversion-request-resubmit","post",200, 403, 404, 403, 403),
    ("api:conversion-request-send-back","post",403, 200, 404, 200, 200),
    ("api:lead-conversion-conversion-preview","post",200, 200, 404, 404, 200),
    ("api:lead-conversion-conversion-requests","post",201, 201, 404, 404, 201),
    ("api:lead-conversion-convert", "post",   403, 201, 404, 404, 201),
    ("conversion:approvals",        "get",    200, 200, 200, 200, 200),
    ("conversion:conversions",      "get",    200, 200, 200, 200, 200),
    ("conversion:convert",          "get",    403, 200, 404, 404, 200),
    ("conversion:convert",          "post",   403, 200, 404, 404, 200),
    ("conversion:decide",           "post",   403, 302, 404, 302, 302),
    ("conversion:dispute",          "post",   302, 403, 404, 403, 403),
    ("conversion:judge",            "post",   403, 302, 404, 403, 302),
    ("conversion:of_account",       "get",    200, 200, 404, 200, 200),
    ("conversion:of_contact",       "get",    200, 200, 404, 200, 200),
    ("conversion:of_lead",          "get",    200, 200, 404, 200, 200),
    ("conversion:of_opportunity",   "get",    200, 200, 404, 200, 200),
    ("conversion:reassign",         "post",   403, 302, 404, 302, 302),
    ("conversion:recall",           "post",   302, 403, 404, 403, 403),
    ("conversion:receipt",          "get",    200, 200, 404, 200, 200),
    ("conversion:receipt_opportunity","post", 403, 302, 404, 302, 302),
    ("conversion:reengage",         "post",   302, 302, 404, 302, 302),
    ("conversion:request",          "get",    200, 200, 404, 200, 200),
    ("conversion:resubmit",         "get",    200, 403, 404, 403, 403),
    ("conversion:resubmit",         "post",   200, 403, 404, 403, 403),
    ("conversion:submit",           "get",    200, 200, 404, 404, 200),
    ("conversion:submit",           "post",   200, 200, 404, 404, 200),
    ("api:campaign-detail",         "get",    200, 200, 200, 200, 200),
    ("api:campaign-list",           "get",    200, 200, 200, 200, 200),
    ("api:lead-assign",             "post",   200, 200, 404, 404, 200),
    ("api:lead-bulk",               "post",   200, 200, 200, 200, 200),
    ("api:lead-detail",             "delete", 204, 204, 404, 404, 204),
    ("api:lead-detail",             "get",    200, 200, 404, 404, 200),
    ("api:lead-detail",             "patch",  200, 200, 404, 404, 200),
    ("api:lead-list",               "get",    200, 200, 200, 200, 200),
    ("api:lead-list",               "post",   201, 201, 201, 201, 201),
    ("api:lead-matches",            "get",    200, 200, 404, 404, 200),
    ("api:lead-qualification",      "get",    200, 200, 404, 404, 200),
    ("api:lead-qualification",      "put",    200, 200, 404, 404, 200),
    ("api:lead-source-detail",      "get",    200, 200, 200, 200, 200),
    ("api:lead-source-list",        "get",    200, 200, 200, 200, 200),
    ("api:lead-status",             "post",   200, 200, 404, 404, 200),
    ("api:lead-status-detail",      "get",    200, 200, 200, 200, 200),
    ("api:lead-status-list",        "get",    200, 200, 200, 200, 200),
    ("api:playbook-detail",         "get",    200, 200, 200, 200, 200),
    ("api:playbook-list",           "get",    200, 200, 200, 200, 200),
    ("api:queue-detail",            "get",    200, 404, 404, 404, 200),
    ("api:queue-list",              "get",    200, 200, 200, 200, 200),
    ("api:queue-take-next",         "post",   200, 404, 404, 404, 403),
    ("api:reason-detail",           "get",    200, 200, 200, 200, 200),
    ("api:reason-list",             "get",    200, 200, 200, 200, 200),
    ("leads:answer",                "get",    200, 200, 404, 404, 200),
    ("leads:answer",                "post",   302, 302, 404, 404, 302),
    ("leads:assign",                "get",    200, 200, 404, 404, 200),
    ("leads:assign",                "post",   302, 302, 404, 404, 302),
    ("leads:bulk",                  "get",    200, 200, 200, 200, 200),
    ("leads:bulk",                  "post",   302, 302, 422, 422, 302),
    ("leads:create",                "get",    200, 200, 200, 200, 200),
    ("leads:create",                "post",   302, 302, 302, 302, 302),
    ("leads:delete",                "get",    200, 200, 404, 404, 200),
    ("leads:delete",                "post",   302, 302, 404, 404, 302),
    ("leads:detail",                "get",    200, 200, 404, 404, 200),
    ("leads:edit",                  "get",    200, 200, 404, 404, 200),
    ("leads:edit",                  "post",   302, 302, 404, 404, 302),
    ("leads:filter",                "get",    200, 200, 200, 200, 200),
    ("leads:list",                  "get",    200, 200, 200, 200, 200),
    ("leads:next_step",             "get",    200, 200, 404, 404, 200),
    ("leads:next_step",             "post",   302, 302, 404, 404, 302),
    ("leads:preview",               "get",    302, 302, 404, 404, 302),
    ("leads:queue",                 "get",    200, 200, 404, 404, 200),
    ("leads:queue",                 "post",   302, 302, 404, 404, 302),
    ("leads:related",               "get",    200, 200, 404, 404, 200),
    ("leads:similar",               "get",    200, 200, 200, 200, 200),
    ("leads:status",                "get",    200, 200, 404, 404, 200),
    ("leads:status",                "post",   302, 302, 404, 404, 302),
    ("leads:take_next",             "post",   302, 404, 404, 404, 403),
]  # fmt: skip
# Every list of configuration has the same pages, for administrators alone.
LISTS = [
    *CATALOGS,
    *(child for catalog in CATALOGS for child in catalog.children),
    *STAGES.children,
]
for catalog in LISTS:
    if not catalog.parent:
        TABLE.append((catalog.url_name, "get", 403, 403, 403, 403, 200))
    TABLE += [
        (f"{catalog.url_name}_create", "get", 403, 403, 403, 403, 200),
        (f"{catalog.url_name}_create", "post", 403, 403, 403, 403, 422),
        (f"{catalog.url_name}_edit", "get", 403, 403, 403, 403, 200),
        (f"{catalog.url_name}_edit", "post", 403, 403, 403, 403, 422),
        (f"{catalog.url_name}_act", "post", 403, 403, 403, 403, 302),
    ]

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
    "api:conversion-detail": lambda ritas: [receipt_of(ritas).pk],
    **dict.fromkeys(
        (
            f"api:conversion-request-{act}"
            for act in ("approve", "detail", "reassign", "recall", "reject", "send-back")
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
    "conversion:of_account": lambda ritas: [receipt_of(ritas).account_id],
    "conversion:of_contact": lambda ritas: [receipt_of(ritas).contact_id],
    "conversion:of_lead": lambda ritas: [receipt_of(ritas).lead_id],
    "conversion:of_opportunity": lambda ritas: [receipt_of(ritas).opportunity_id],
    "conversion:receipt": lambda ritas: [receipt_of(ritas).pk],
    "conversion:receipt_opportunity": lambda ritas: [receipt_of(ritas, "none").pk],
    "conversion:reengage": lambda ritas: [receipt_of(ritas).pk],
    "api:campaign-detail": lambda ritas: [Campaign.objects.create(name="Spring").pk],
    "api:lead-source-detail": lambda ritas: [ritas.lead.source_id],
    "api:lead-status-detail": lambda ritas: [ritas.lead.status_id],
    "api:playbook-detail": lambda ritas: [criterion_of(ritas.lead).playbook_id],
    "api:reason-detail": lambda ritas: [ritas.reopening.pk],
    **dict.fromkeys(
        (f"api:lead-{act}" for act in ("assign", "detail", "matches", "qualification", "status")),
        lambda ritas: [ritas.lead.pk],
    ),
    **dict.fromkeys(("api:queue-detail", "api:queue-take-next"), lambda ritas: [ritas.queue.pk]),
    "leads:answer": lambda ritas: [ritas.lead.pk, criterion_of(ritas.lead).pk],
    **{
        f"leads:{act}": lambda ritas: [ritas.lead.pk]
        for act in (
            "assign",
            "delete",
            "detail",
            "edit",
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
    "integrations:token_revoke": lambda ritas: [ritas.token.pk],
    "people:delegate_end": lambda ritas: [ritas.leos_delegation.pk],
} | dict.fromkeys(
    [
        *(f"api:user-{act}" for act in ("deactivate", "detail", "holdings", "reactivate")),
        *(f"settings:user_{act}" for act in ("deactivate", "edit", "invite_again", "reactivate")),
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
    "api:conversion-bulk": lambda ritas: {"rows": [{"lead": ritas.lead.pk, "plan": NEW}]},
    "api:conversion-request-decide-dispute": lambda ritas: {
        "overturn": False, "statement": "They have none.",
    },
    "api:conversion-request-dispute": lambda ritas: {"statement": "They have a budget."},
    "api:conversion-request-reassign": lambda ritas: {"to": UserFactory(role="ae").pk},
    "api:conversion-request-reject": lambda ritas: {
        "reason": "no_budget", "outcome": "keep_working",
    },
    "api:conversion-request-send-back": lambda ritas: {"message": "What budget?"},
    "api:lead-conversion-conversion-preview": lambda ritas: NEW,
    "api:lead-conversion-conversion-requests": lambda ritas: {
        "path": confirm(ritas.lead, ritas.lead.owner).pk, "plan": NEW,
        "approver": ritas.deal.owner_id,
    },
    "api:lead-conversion-convert": lambda ritas: NEW,
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
    "leads:assign": lambda ritas: {"owner": ritas.lead.owner_id},
    "leads:bulk": lambda ritas: {
        "act": "next_step", "lead": ritas.lead.pk, "next_step": "Call",
    },
    "leads:create": lambda ritas: {
        "last_name": "New", "source": ritas.lead.source_id, "owner": ritas.lead.owner_id,
    },
    "leads:edit": lambda ritas: {
        "last_name": "Renamed", "source": ritas.lead.source_id, "version": ritas.lead.version,
    },
    "leads:next_step": lambda ritas: {"next_step": "Call"},
    "leads:queue": lambda ritas: {"lead": ritas.lead.pk, "note": "Hi", "plan": "week"},
    "leads:status": lambda ritas: {"status": ritas.lead.status_id},
    "leads:take_next": lambda ritas: {"queue": ritas.queue.pk},
}  # fmt: skip


def criterion_of(lead):
    return qualification(lead).items[0].criterion


NEW = plan_of().as_json()


def requested(ritas):
    """Her request that Leo accept her lead."""
    rita = ritas.lead.owner
    path = confirm(ritas.lead, rita)
    return conversion.submit_request(
        lead=ritas.lead, path=path, plan=plan_of(), actor=rita, approver=ritas.deal.owner
    )


def sent_back(ritas):
    return conversion.send_back(
        request=requested(ritas), actor=ritas.deal.owner, message="What budget?"
    )


def rejected(ritas):
    return conversion.reject(
        request=requested(ritas),
        actor=ritas.deal.owner,
        reason=Reason.objects.get(kind="reject", code="no_budget"),
        outcome="keep_working",
    )


def disputed(ritas):
    return conversion.dispute(
        request=rejected(ritas), actor=ritas.lead.owner, statement="They have a budget."
    )


def receipt_of(ritas, opportunity="create"):
    """The conversion of her lead, which Leo approved."""
    return conversion.convert_lead(
        lead=ritas.lead,
        plan=plan_of(opportunity=opportunity),
        actor=ritas.deal.owner,
        request=requested(ritas),
    )


def nothing(ritas):
    return []


@pytest.fixture
def ritas(rita, leo, settings, tmp_path):
    """Rita's records, and a contact and a deal of Leo's."""
    settings.MEDIA_ROOT = tmp_path
    account = AccountFactory(owner=rita)
    task = log_activity(
        kind="task",
        actor=rita,
        fields={"subject": "Send the guide"},
        account=account,
        files=[SimpleUploadedFile("guide.pdf", b"%PDF-1.7")],
    )
    leos = ContactFactory(account__owner=leo)
    deal = OpportunityFactory(account__owner=leo, next_step="Call")
    someone = ContactFactory(account=deal.account)
    queue = QueueFactory(members=[rita])
    LeadFactory(owner=None, queue=queue)
    return SimpleNamespace(
        deal=deal,
        part=deal.contact_roles.create(contact=someone, role="user"),
        product=ProductFactory(),
        next_stage=Stage.objects.get(name="Evaluation"),
        reopening=Reason.objects.for_kind("reopen")[0],
        account=account,
        task=task,
        file=task.attachments.get(),
        leos=leos,
        token=create_token(user=rita, name="Sync", scopes=["read"], actor=None)[0],
        leos_delegation=leo.delegations.create(
            delegate=UserFactory(role="ae"), starts_on="2099-01-01", ends_on="2099-01-02"
        ),
        lead=LeadFactory(owner=rita),
        queue=queue,
        member=leos.account.members.create(user=rita, kind=MemberKind.APPROVER),
    )


@pytest.mark.parametrize(
    ("name", "method", "person", "expected"),
    [
        pytest.param(name, method, person, status, id=f"{person}-{method}-{name}")
        for name, method, *statuses in TABLE
        for person, status in zip(CAST, statuses, strict=True)
    ],
)
def test_access(request, browse, api, ritas, name, method, person, expected):
    client = (api if name.startswith("api:") else browse)(request.getfixturevalue(person))
    address = reverse(name, args=ARGUMENTS.get(name, nothing)(ritas))
    # What a program sends is no question: a list takes it for filters.
    body = {} if name.startswith("api:") and method == "get" else BODIES.get(name, nothing)(ritas)
    answer = getattr(client, method)(
        address, body or {}, HTTP_IF_MATCH="*", HTTP_IDEMPOTENCY_KEY="once"
    )
    assert answer.status_code == expected
    answer.close()
