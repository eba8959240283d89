"""
Who gets which answer from which address: documentation that fails.

Everything is Rita's, in the north team. Leo of the same team sees her accounts, not her leads.
The pages of accounts and contacts are asked for his, since an SDR has none to work on.
A new view means a new row for each method it takes;
ARGUMENTS says which of her records its address names, BODIES what a POST sends.
"""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activities.services import log_activity
from people.ownership import MemberKind
from tests.factories import AccountFactory, ContactFactory

CAST = ("rita", "nadia", "soren", "leo", "ada")

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
]  # fmt: skip

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
}  # fmt: skip


def nothing(ritas):
    return []


@pytest.fixture
def ritas(rita, leo, settings, tmp_path):
    """Rita's records, and a contact of Leo's."""
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
    return SimpleNamespace(
        account=account,
        task=task,
        file=task.attachments.get(),
        leos=leos,
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
    answer = getattr(client, method)(address, body or {}, HTTP_IF_MATCH="*")
    assert answer.status_code == expected
    answer.close()
