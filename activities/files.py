"""Files that people attach: measured, sniffed and stored under their own checksum."""

import hashlib
from dataclasses import dataclass
from pathlib import PurePosixPath

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.template.defaultfilters import filesizeformat

from activities.models import Attachment
from crm.text import clean_text

UNKNOWN = "application/octet-stream"
MAGIC = {
    b"%PDF-": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF87a": "image/gif",
    b"GIF89a": "image/gif",
}
ZIP = b"PK\x03\x04"
OFFICE = "application/vnd.openxmlformats-officedocument"
ZIPPED = {
    ".docx": f"{OFFICE}.wordprocessingml.document",
    ".pptx": f"{OFFICE}.presentationml.presentation",
    ".xlsx": f"{OFFICE}.spreadsheetml.sheet",
    ".zip": "application/zip",
}
TEXTS = {".txt": "text/plain", ".md": "text/plain", ".csv": "text/csv"}


@dataclass(frozen=True)
class StoredFile:
    """A file that lies in the storage, and has no row yet."""

    path: str
    name: str
    content_type: str
    size: int
    sha256: str


def store_file(upload: UploadedFile) -> StoredFile:
    """
    Put an upload into the storage, once for every content.

    Raises ValidationError for one that is empty or too large.
    """
    name = file_name(upload.name or "")
    if not upload.size:
        raise ValidationError({"files": f"{name} is empty."})
    if upload.size > settings.ATTACHMENT_MAX_BYTES:
        limit = filesizeformat(settings.ATTACHMENT_MAX_BYTES)
        raise ValidationError({"files": f"{name} is larger than {limit}."})
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    head = upload.read(4096)
    upload.seek(0)
    sha256 = digest.hexdigest()
    path = f"attachments/{sha256[:2]}/{sha256}"
    if not default_storage.exists(path):
        path = default_storage.save(path, upload)
    return StoredFile(path, name, sniff(head, name), upload.size, sha256)


def attach(activity_id: int, stored: StoredFile) -> Attachment:
    """The row that makes a stored file part of an activity."""
    return Attachment.objects.create(
        activity_id=activity_id,
        file=stored.path,
        name=stored.name,
        content_type=stored.content_type,
        size=stored.size,
        sha256=stored.sha256,
    )


def file_name(name: str) -> str:
    """What people call the file, without a folder and without characters that lead astray."""
    try:
        base = PurePosixPath(clean_text(name).replace("\\", "/")).name
    except ValueError:
        base = ""
    shown = "".join(character for character in base if character.isprintable())
    return shown[-250:].strip() or "file"


def sniff(head: bytes, name: str) -> str:
    """
    The type of a file by its first bytes.

    A suffix only chooses between types that look alike. Whatever a browser might run, such as
    HTML and SVG, stays unknown.
    """
    suffix = PurePosixPath(name).suffix.lower()
    for magic, content_type in MAGIC.items():
        if head.startswith(magic):
            return content_type
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "image/webp"
    if head.startswith(ZIP):
        return ZIPPED.get(suffix, "application/zip")
    if suffix in TEXTS and b"\x00" not in head:
        return TEXTS[suffix]
    return UNKNOWN
