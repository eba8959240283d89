"""
Who gets which answer from which address: documentation that fails.

Everything is Rita's, in the north team. Leo of the same team sees her accounts, not her leads.
A new view means a new row for each method it takes;
ARGUMENTS says which of her records its address names, BODIES what a POST sends.
"""

from types import SimpleNamespace

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from activities.services import log_activity
from tests.factories import AccountFactory

CAST = ("rita", "nadia", "soren", "leo", "ada")

TABLE = [
    # url name                   method  rita nadia soren leo  ada
    ("activities:delete",        "post", 302, 302, 404, 403, 302),
    ("activities:done",          "post", 302, 302, 404, 403, 302),
    ("activities:edit",          "get",  200, 200, 404, 403, 200),
    ("activities:edit",          "post", 302, 302, 404, 403, 302),
    ("activities:file",          "get",  200, 200, 404, 200, 200),
    ("activities:log",           "post", 302, 302, 404, 302, 302),
    ("activities:notifications", "get",  200, 200, 200, 200, 200),
    ("activities:read",          "post", 302, 302, 302, 302, 302),
    ("activities:reopen",        "post", 302, 302, 404, 403, 302),
    ("activities:tasks",         "get",  200, 200, 200, 200, 200),
    ("activities:timeline",      "get",  200, 200, 404, 200, 200),
    ("api:activity-list",        "get",  200, 200, 200, 200, 200),
    ("api:activity-detail",      "get",  200, 200, 404, 200, 200),
    ("api:activity-complete",    "post", 200, 200, 404, 403, 200),
    ("api:activity-reopen",      "post", 200, 200, 404, 403, 200),
    ("api:event-list",           "get",  200, 200, 200, 200, 200),
]  # fmt: skip

ARGUMENTS = {
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
    "activities:delete": lambda ritas: {"next": "/tasks/"},
    "activities:edit": lambda ritas: {"subject": "Send the guide", "next": "/tasks/"},
    "activities:log": lambda ritas: {
        "record": f"account-{ritas.account.pk}", "kind": "note", "body": "Hi", "next": "/tasks/",
    },
}  # fmt: skip


def nothing(ritas):
    return []


@pytest.fixture
def ritas(rita, settings, tmp_path):
    """Rita's records."""
    settings.MEDIA_ROOT = tmp_path
    account = AccountFactory(owner=rita)
    task = log_activity(
        kind="task",
        actor=rita,
        fields={"subject": "Send the guide"},
        account=account,
        files=[SimpleUploadedFile("guide.pdf", b"%PDF-1.7")],
    )
    return SimpleNamespace(account=account, task=task, file=task.attachments.get())


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
    body = BODIES.get(name, nothing)(ritas) or {}
    answer = getattr(client, method)(address, body)
    assert answer.status_code == expected
    answer.close()
