"""Optimistic locking in the API: ETag out, If-Match in."""

import re
from http import HTTPStatus
from typing import Any, cast

from django.db.models import Model
from django.http import HttpResponse
from django.utils.http import parse_etags
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import DomainError
from crm.records import StaleVersion
from crm.shown import Shown, digest, write_shown
from people.models import User


class VersionRequired(DomainError):
    """A change that does not say which version of the record it is for."""

    code = "precondition_required"
    status = HTTPStatus.PRECONDITION_REQUIRED

    def __init__(self) -> None:
        super().__init__("Send the record's ETag in an If-Match header, so that nothing is lost.")


def etag(record: Any) -> str:
    """The name of one version of one record."""
    return f'"{record.pk}-{record.version}"'


def expected_version(request: Request, record: Any) -> int | None:
    """
    The version that the caller means to change: for the service to check under its lock.

    None for `If-Match: *`, which means any. Raises VersionRequired without the header,
    and StaleVersion if it names another version already.
    """
    header = request.headers.get("If-Match")
    if header is None:
        raise VersionRequired
    tags = parse_etags(header)
    if tags == ["*"]:
        return None
    if etag(record) not in tags:
        named = max((version_in(tag, record) for tag in tags), default=0)
        raise StaleVersion(record, actor=cast(User, request.user), version=named)
    return record.version


def version_in(tag: str, record: Any) -> int:
    """The version of the record that an ETag names; 0, which none has, for any other text."""
    named = re.fullmatch(rf'"{record.pk}-([0-9]{{1,9}})"', tag, re.ASCII)
    return int(named[1]) if named else 0


def version_if_named(request: Request, record: Any) -> int | None:
    """
    The same where it is left to the caller to name one; None without the header.

    Raises StaleVersion.
    """
    return expected_version(request, record) if "If-Match" in request.headers else None


def etag_of_shown(record: Model, stands: Shown) -> str:
    """The name of a record without versions as it stands."""
    return f'"{record.pk}-{digest(write_shown(stands))}"'


def shown_if_named(request: Request, record: Model, stands: Shown) -> Shown | None:
    """
    How the caller means the record to stand: for the service to check under its lock.

    None without If-Match, or for any. Where it names anything but how the record `stands`,
    what nothing has ever been shown as, so that the service refuses.
    """
    tags = parse_etags(request.headers.get("If-Match", "*"))
    if tags == ["*"]:
        return None
    return stands if etag_of_shown(record, stands) in tags else {}


class VersionedRetrieveMixin:
    """GET of one record, with its ETag; 304 to whoever has it already."""

    def retrieve(self: Any, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        record = self.get_object()
        tag = etag(record)
        known = parse_etags(request.headers.get("If-None-Match", ""))
        if tag in known and not request.query_params:
            return Response(status=HTTPStatus.NOT_MODIFIED, headers={"ETag": tag})
        return Response(self.get_serializer(record).data, headers={"ETag": tag})


class VersionedUpdateMixin:
    """
    PATCH of one record. `perform_update(serializer)` calls the service with
    `version=self.expected_version` and leaves the fresh record in `serializer.instance`.
    """

    expected_version: int | None = None

    def partial_update(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        self.expected_version = expected_version(request, record)
        serializer = self.get_serializer(record, data=request.data, partial=True)
        serializer.is_valid(raise_exception=True)
        self.perform_update(serializer)
        return Response(serializer.data, headers={"ETag": etag(serializer.instance)})


class VersionedDestroyMixin:
    """
    DELETE of one record. `perform_destroy(record)` calls the service with
    `version=self.expected_version`.
    """

    expected_version: int | None = None

    def destroy(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        record = self.get_object()
        self.expected_version = expected_version(request, record)
        self.perform_destroy(record)
        return Response(status=HTTPStatus.NO_CONTENT)
