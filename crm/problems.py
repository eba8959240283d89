"""
Every error of the REST API, as problem+json (RFC 9457).

One rule for bad input: what a serializer, a parser or a filter refuses is 400, because the
request has the wrong shape; what a service refuses about well-formed values (Django's
ValidationError) is 422; what the rules forbid in the present state (DomainError) is 409,
or the status of that error. Programs switch on `code`, people read `detail`.
"""

from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any

from django.core.exceptions import NON_FIELD_ERRORS, PermissionDenied
from django.core.exceptions import ValidationError as RulesRefuse
from django.http import Http404, HttpResponse, JsonResponse
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.settings import api_settings
from structlog.contextvars import get_contextvars

from crm.database_errors import translate_database_error
from crm.errors import DomainError
from crm.idempotency import AlreadyAnswered
from crm.parsers import UnstorableText, pointer_token

CONTENT_TYPE = "application/problem+json"
MAX_ERRORS = 100

Errors = list[dict[str, str]]

DETAILS: Mapping[int, str] = {
    HTTPStatus.BAD_REQUEST: "The request could not be understood.",
    HTTPStatus.FORBIDDEN: "You do not have permission to do this.",
    HTTPStatus.NOT_FOUND: "There is nothing at this address, or nothing you may see.",
    HTTPStatus.REQUEST_ENTITY_TOO_LARGE: "The request is too large.",
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Something went wrong on our side. It has been recorded under the request id."
    ),
}


class InvalidParameters(exceptions.ValidationError):
    """Query parameters that are unknown, or whose values are: {parameter: messages}."""

    detail: dict[str, Any]


def problem_exception_handler(error: Exception, context: dict[str, Any]) -> HttpResponse | None:
    """DRF's EXCEPTION_HANDLER. None means a bug of ours: Django logs it and answers 500."""
    match translate_database_error(error) or error:
        case AlreadyAnswered() as replay:
            return replay.response()
        case DomainError() as refusal:
            return domain_problem(refusal)
        case RulesRefuse() as refusal:
            return problem(
                HTTPStatus.UNPROCESSABLE_ENTITY,
                "invalid",
                "Some values are not allowed.",
                errors=list(errors_of_rules(refusal)),
            )
        case Http404():
            return plain_problem(HTTPStatus.NOT_FOUND)
        case PermissionDenied() as refusal:
            return problem(
                HTTPStatus.FORBIDDEN,
                "permission_denied",
                str(refusal) or DETAILS[HTTPStatus.FORBIDDEN],
            )
        case exceptions.APIException() as refusal:
            return api_problem(refusal)
    return None


def problem(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Errors | None = None,
    extra: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """A problem as the answer of a DRF view."""
    body = problem_body(status, code, detail, errors=errors, extra=extra)
    return Response(body, status=status, headers=headers, content_type=CONTENT_TYPE)


def problem_body(
    status: int,
    code: str,
    detail: str,
    *,
    errors: Errors | None = None,
    extra: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The members of a problem. Those of `extra` come first, so they can replace none of ours."""
    return {
        **(extra or {}),
        "type": f"urn:relay:problem:{code}",
        "title": HTTPStatus(status).phrase,
        "status": int(status),
        "detail": detail,
        "code": code,
        "errors": (errors or (extra or {}).get("errors", []))[:MAX_ERRORS],
        "request_id": str(get_contextvars().get("request_id", "")),
    }


def plain_problem(status: int) -> JsonResponse:
    """A problem known only by its status, for what fails outside any view of the API."""
    phrase = HTTPStatus(status).phrase
    body = problem_body(status, code_of(status), DETAILS.get(status, f"{phrase}."))
    return JsonResponse(body, status=status, content_type=CONTENT_TYPE)


def code_of(status: int) -> str:
    """Such as not_found for 404."""
    return HTTPStatus(status).name.lower()


def domain_problem(error: DomainError) -> Response:
    retry_after = getattr(error, "retry_after", None)
    return problem(
        error.status,
        error.code,
        str(error),
        extra=error.extra,
        headers={"Retry-After": str(retry_after)} if retry_after else None,
    )


def api_problem(error: exceptions.APIException) -> Response:
    headers = {}
    if challenge := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = challenge
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(ceil(wait))
    if isinstance(error, exceptions.ValidationError):
        return problem(
            error.status_code,
            error.default_code,
            "Some parts of the request are missing or not understood.",
            errors=errors_of_input(error),
        )
    return problem(error.status_code, str(error.get_codes()), str(error.detail), headers=headers)


def errors_of_input(error: exceptions.ValidationError) -> Errors:
    match error:
        case UnstorableText():
            return [
                {"pointer": pointer, "code": error.default_code, "detail": error.sentence}
                for pointer in error.pointers
            ]
        case InvalidParameters():
            return [
                {"parameter": name, "code": entry["code"], "detail": entry["detail"]}
                for name, messages in error.detail.items()
                for entry in flatten(messages, "")
            ]
    return list(flatten(error.detail, "#"))


def flatten(detail: Any, pointer: str) -> Iterator[dict[str, str]]:
    """The nested messages of a DRF serializer as a flat list with JSON pointers."""
    match detail:
        case exceptions.ErrorDetail():
            yield {"pointer": pointer, "code": str(detail.code), "detail": str(detail)}
        case dict():
            for key, inner in detail.items():
                own = key == api_settings.NON_FIELD_ERRORS_KEY
                yield from flatten(inner, pointer if own else join(pointer, [str(key)]))
        case list():
            for index, inner in enumerate(detail):
                own = isinstance(inner, exceptions.ErrorDetail)
                yield from flatten(inner, pointer if own else join(pointer, [str(index)]))


def errors_of_rules(error: RulesRefuse) -> Iterator[dict[str, str]]:
    """
    Django's messages by field. A dotted name points into the body: "account.fields.name"; so
    does a tuple of steps, where a name that somebody chose may hold a dot.
    """
    has_fields = hasattr(error, "error_dict")
    by_field: Mapping[Any, Any] = (
        error.error_dict if has_fields else {NON_FIELD_ERRORS: error.error_list}
    )
    for name, messages in by_field.items():
        steps = name if isinstance(name, tuple) else name.split(".")
        pointer = "#" if name == NON_FIELD_ERRORS else join("#", steps)
        for message in messages:
            yield {
                "pointer": pointer,
                "code": message.code or "invalid",
                "detail": " ".join(message.messages),
            }


def join(pointer: str, steps: Iterable[str]) -> str:
    return "/".join([pointer, *map(pointer_token, steps)])
