"""
Requests that may safely be sent again (the Idempotency-Key header).

The key is claimed inside the transaction that does the work, and the answer is stored in
it, so both are there or neither is: a crash at any moment leaves no key without its work.
Only answers of success are kept. An error rolls the claim back with everything else, and
sending the request again simply tries again.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import timedelta
from functools import wraps
from http import HTTPStatus
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.exceptions import ParseError
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import DomainError
from crm.models import IdempotencyKey

LIFETIME = timedelta(days=7)
KEY_PATTERN = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
KEPT_HEADERS = ("Location", "ETag")

CLAIM = f"""
    INSERT INTO {IdempotencyKey._meta.db_table}
        (user_id, key, fingerprint, created_at, status, body, headers)
    VALUES (%s, %s, %s, %s, NULL, '', '{{}}')
    ON CONFLICT (user_id, key) DO NOTHING
    RETURNING id
"""  # noqa: S608 - the table's name is ours


class KeyReused(DomainError):
    """The key belongs to a request that was not this one."""

    code = "idempotency_key_reused"
    status = HTTPStatus.UNPROCESSABLE_ENTITY

    def __init__(self) -> None:
        super().__init__("This Idempotency-Key was used for a different request.")


class KeyRequired(DomainError):
    code = "idempotency_key_required"
    status = HTTPStatus.BAD_REQUEST

    def __init__(self) -> None:
        super().__init__("This request needs an Idempotency-Key header.")


class AlreadyAnswered(Exception):
    """
    The request was done before; its stored answer is the answer.

    Raised so that it ends the transaction and passes every layer up to the exception
    handler of the API, which sends the stored answer.
    """

    def __init__(self, stored: IdempotencyKey):
        super().__init__(stored.key)
        self.stored = stored

    def response(self) -> HttpResponse:
        """The first answer again, to the byte, marked as a replay."""
        return HttpResponse(
            self.stored.body,
            status=self.stored.status,
            content_type="application/json",
            headers={**self.stored.headers, "Idempotent-Replayed": "true"},
        )


class Idempotency:
    """
    One named request. A service that opens its own transaction calls, inside it, `claim()`
    before anything else and `store()` last, or `release()` where there is no answer to keep.
    """

    def __init__(self, *, user_id: int, key: str, fingerprint: str):
        self.user_id = user_id
        self.key = key
        self.fingerprint = fingerprint
        self.row_id = 0

    @classmethod
    def of(cls, request: Request, *, required: bool = False) -> "Idempotency | None":
        """
        The request's own, or None where it has no key.

        Raises KeyRequired, or ParseError for a key that is empty, too long or not ASCII.
        """
        key = request.headers.get("Idempotency-Key")
        if key is None:
            if required:
                raise KeyRequired
            return None
        if not KEY_PATTERN.fullmatch(key):
            raise ParseError(
                "An Idempotency-Key is 1 to 255 visible ASCII characters.",
                code="idempotency_key_invalid",
            )
        user: Any = request.user  # Signed in: permissions come first.
        return cls(user_id=user.pk, key=key, fingerprint=fingerprint(request))

    def claim(self) -> None:
        """
        Take the key for this transaction.

        A twin that runs at the same time waits here until the first is through. Raises
        AlreadyAnswered if the request was done, KeyReused if the key was for another one.
        """
        while not self.insert():
            stored = IdempotencyKey.objects.filter(user_id=self.user_id, key=self.key).first()
            # None: cleaned up between our two statements, so the key is free again.
            if stored is None:
                continue
            if stored.fingerprint != self.fingerprint:
                raise KeyReused
            raise AlreadyAnswered(stored)

    def insert(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, [self.user_id, self.key, self.fingerprint, timezone.now()])
            row = cursor.fetchone()
        if row is None:
            return False
        self.row_id = row[0]
        return True

    def release(self) -> None:
        """Give the key back: the work ends in a refusal that is itself worth committing."""
        IdempotencyKey.objects.filter(pk=self.row_id).delete()

    def store(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> None:
        """Keep the answer: `body` as a serializer's data, headers such as Location."""
        IdempotencyKey.objects.filter(pk=self.row_id).update(
            status=status,
            body=JSONRenderer().render(body).decode(),
            headers=dict(headers or {}),
        )

    def store_response(self, response: Response, *, secrets: Collection[str] = ()) -> None:
        """Keep the answer of a view, without the fields that must not lie in a table."""
        kept = {name: response[name] for name in KEPT_HEADERS if response.has_header(name)}
        body = response.data
        if secrets:
            body = {name: None if name in secrets else value for name, value in body.items()}
        self.store(response.status_code, body, kept)


def idempotent(handler: Callable[..., Response]) -> Callable[..., Response]:
    """
    For a viewset's method that creates: with an Idempotency-Key, its retries get its answer.

    Wraps it in a transaction, and claims the key before the body is even validated, since
    what was created the first time may be what makes it invalid the second time. The view's
    `secret_fields` are null in the answer to a retry.
    """

    @wraps(handler)
    def wrapper(view: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        idempotency = Idempotency.of(request)
        if idempotency is None:
            return handler(view, request, *args, **kwargs)
        with transaction.atomic():
            idempotency.claim()
            response = handler(view, request, *args, **kwargs)
            idempotency.store_response(response, secrets=getattr(view, "secret_fields", ()))
        return response

    wrapper.is_idempotent = True  # type: ignore[attr-defined]  # read by the API schema
    return wrapper


def reads_its_key(handler: Callable[..., Response]) -> Callable[..., Response]:
    """
    For a viewset's method that hands the key to a service with a transaction of its own;
    the API schema then says that the method takes one.
    """
    handler.is_idempotent = True  # type: ignore[attr-defined]  # read by the API schema
    return handler


def fingerprint(request: Request) -> str:
    """What makes two requests the same one: who, how, where, and the body's meaning."""
    body = json.dumps(request.data, sort_keys=True, default=digest_of_file)
    parts = [str(request.user.pk), str(request.method), request.get_full_path(), body]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def digest_of_file(value: Any) -> str:
    if not isinstance(value, UploadedFile):
        raise TypeError(f"{type(value).__name__} cannot be part of a request.")
    digest = hashlib.sha256()
    for chunk in value.chunks():
        digest.update(chunk)
    value.seek(0)
    return digest.hexdigest()


def forget_old_keys() -> int:
    """Delete the keys whose time is over; retries do not come after a week. Says how many."""
    deleted, _ = IdempotencyKey.objects.filter(created_at__lt=timezone.now() - LIFETIME).delete()
    return deleted
