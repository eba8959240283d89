"""What a file is stored as, and what is refused."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from activities.files import OFFICE
from activities.models import Attachment
from activities.services import attach_file, log_activity
from tests.factories import ActivityFactory

pytestmark = pytest.mark.django_db


PDF = b"%PDF-1.7 and so on"


def upload(content=PDF, name="quote.pdf"):
    return SimpleUploadedFile(name, content, content_type="text/html")


def test_a_file_is_stored_under_its_checksum_and_only_once(rita, lead, tmp_path):
    for name in ("quote.pdf", "copy.pdf"):
        log_activity(kind="file", actor=rita, fields={}, lead=lead, files=[upload(name=name)])
    first, second = Attachment.objects.order_by("pk")
    assert first.file.name == second.file.name == f"attachments/{first.sha256[:2]}/{first.sha256}"
    assert [each.name for each in (first, second)] == ["quote.pdf", "copy.pdf"]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 1
    with first.file.open() as stored:
        assert stored.read() == PDF


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PDF, "quote.pdf", "application/pdf"),
        (PDF, "quote.html", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n...", "x.png", "image/png"),
        (b"PK\x03\x04...", "x.docx", f"{OFFICE}.wordprocessingml.document"),
        (b"PK\x03\x04...", "x.exe", "application/zip"),
        (b"a,b\n1,2\n", "x.csv", "text/csv"),
        (b"\x00\x01", "x.txt", "application/octet-stream"),
        (b"<script>alert(1)</script>", "x.html", "application/octet-stream"),
        (b"<svg onload='alert(1)'/>", "x.svg", "application/octet-stream"),
        (b"<html>", "x.pdf", "application/octet-stream"),
    ],
)  # fmt: skip
def test_the_type_of_a_file_is_what_its_bytes_say(rita, lead, content, name, content_type):
    note = ActivityFactory(owner=rita, lead=lead)
    attachment = attach_file(activity=note, file=upload(content, name), actor=rita)
    assert attachment.content_type == content_type


def test_a_file_name_loses_its_folder_and_its_tricks(rita, lead):
    note = ActivityFactory(owner=rita, lead=lead)
    file = upload()
    file._name = "..\\..\\evil\u202efdp.exe\n"
    assert attach_file(activity=note, file=file, actor=rita).name == "evilfdp.exe"


@pytest.mark.parametrize(("content", "sentence"), [(b"", "is empty"), (b"12345", "is larger than")])
def test_empty_and_large_files_are_refused(rita, lead, settings, content, sentence):
    settings.ATTACHMENT_MAX_BYTES = 4
    note = ActivityFactory(owner=rita, lead=lead)
    with pytest.raises(ValidationError, match=sentence):
        attach_file(activity=note, file=upload(content), actor=rita)
    assert not Attachment.objects.exists()


def test_a_stranger_attaches_nothing(soren, rita, lead):
    note = ActivityFactory(owner=rita, lead=lead)
    with pytest.raises(PermissionDenied):
        attach_file(activity=note, file=upload(), actor=soren)
