"""The OpenAPI description: what drf-spectacular cannot see in the code by itself."""

from typing import Any

from django.conf import settings
from drf_spectacular.extensions import (
    OpenApiAuthenticationExtension,
    OpenApiSerializerExtension,
    OpenApiSerializerFieldExtension,
)
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter

from crm.concurrency import VersionedDestroyMixin, VersionedRetrieveMixin, VersionedUpdateMixin
from crm.idempotency import KEY_PATTERN
from crm.permissions import required_scope
from crm.problems import CONTENT_TYPE

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). Switch on `code`, show `detail`.",
    "required": ["type", "title", "status", "detail", "code", "errors", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["code", "detail"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer into the body."},
                    "parameter": {"type": "string", "description": "Name of a query parameter."},
                    "code": {"type": "string"},
                    "detail": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string"},
    },
}
PROBLEM_CONTENT = {CONTENT_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
# Any operation may also answer with a problem of another status, such as 503.
PROBLEMS = {
    "400": "The request has the wrong shape.",
    "401": "Not signed in, or the token is not good.",
    "403": "Not allowed, or the token lacks a scope.",
    "default": "Another problem.",
}
PROBLEMS_OF_RECORDS = {"404": "There is no such record, or you may not see it."}
PROBLEMS_OF_CHANGES = {
    "409": "The rules forbid it in the present state.",
    # By the If-Match header, or by a version in the body, such as a plan's `lead_version`.
    "412": "Somebody changed the record first.",
    "415": "The body is of another kind than this takes.",
    "422": "Some values are not allowed.",
}
PROBLEMS_OF_VERSIONS = {"428": "The If-Match header is missing."}

IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": f"^{KEY_PATTERN.pattern}$"},
    OpenApiParameter.HEADER,
    description="Names this request, so that sending it again gets the same answer.",
)
MAY_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    description="The ETag of what was read: 412, and nothing happens, if it has changed since.",
)
IF_MATCH = OpenApiParameter(
    "If-Match",
    str,
    OpenApiParameter.HEADER,
    required=True,
    description="The record's ETag, or * for whatever version it has.",
)

CODE = {"type": "string", "pattern": "^[-a-zA-Z0-9_]+$", "maxLength": 40}


class RelaySchema(AutoSchema):
    """Adds the headers, the problems and the scope that our mixins bring to an operation."""

    def get_override_parameters(self) -> list[Any]:
        parameters = list(super().get_override_parameters())
        if getattr(self.handler, "is_idempotent", False):
            parameters.append(IDEMPOTENCY_KEY)
        if self.is_versioned_change:
            parameters.append(IF_MATCH)
        if expandable := getattr(self.view, "expandable", {}):
            parameters.append(
                OpenApiParameter(
                    "expand",
                    {"type": "array", "items": {"type": "string", "enum": sorted(expandable)}},
                    explode=False,
                    style="form",
                    description="Put these records in the place of their ids.",
                )
            )
        return parameters

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation = super().get_operation(*args, **kwargs)
        if operation is None:
            return None
        for status, description in self.problems().items():
            operation["responses"].setdefault(
                status, {"description": description, "content": PROBLEM_CONTENT}
            )
        if getattr(self.view, "action", None) == "retrieve" and isinstance(
            self.view, VersionedRetrieveMixin
        ):
            operation["responses"]["304"] = {"description": "You have this version already."}
        operation["x-required-scope"] = required_scope(self.view.request, self.view)
        return operation

    def problems(self) -> dict[str, str]:
        found = dict(PROBLEMS)
        if "{" in self.path:
            found |= PROBLEMS_OF_RECORDS
        if self.method not in ("GET", "HEAD"):
            found |= PROBLEMS_OF_CHANGES
        if self.is_versioned_change:
            found |= PROBLEMS_OF_VERSIONS
        return found

    @property
    def handler(self) -> Any:
        return getattr(self.view, getattr(self.view, "action", None) or "", None)

    @property
    def is_versioned_change(self) -> bool:
        versioned = {"partial_update": VersionedUpdateMixin, "destroy": VersionedDestroyMixin}
        mixin = versioned.get(getattr(self.view, "action", None) or "")
        return mixin is not None and isinstance(self.view, mixin)


def finish_components(result: dict[str, Any], **options: Any) -> dict[str, Any]:
    """Add the problem, and say of request bodies that they take no unknown fields."""
    components = result["components"]["schemas"]
    components["Problem"] = PROBLEM
    for name, schema in components.items():
        if name.endswith("Request") and schema.get("type") == "object":
            schema.setdefault("additionalProperties", False)
    return result


class ExpandableSchema(OpenApiSerializerExtension):
    """What `expand` puts in the place of an id is one of the two things that an answer may hold."""

    target_class = "crm.serializers.RelaySerializer"
    match_subclasses = True

    def map_serializer(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        schema = auto_schema._map_serializer(self.target, direction, bypass_extensions=True)
        if direction == "response":
            for name, expanded in getattr(self.target.Meta, "expandable", {}).items():
                field = schema["properties"][name]
                record = auto_schema.resolve_serializer(expanded, direction).ref
                field["oneOf"] = [{"type": field.pop("type")}, record]
        return schema


class MoneySchema(OpenApiSerializerFieldExtension):
    target_class = "crm.serializers.MoneyField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {
            "type": "object",
            "required": ["amount", "currency"],
            "additionalProperties": False,
            "properties": {
                "amount": {"type": "string", "pattern": r"^-?[0-9]{1,16}(\.[0-9]{1,2})?$"},
                "currency": {"type": "string", "pattern": "^[A-Z]{3}$"},
            },
            "example": {"amount": "48000.00", "currency": "EUR"},
        }


class ReasonSchema(OpenApiSerializerFieldExtension):
    """Named by id or by code, shown by id."""

    target_class = "activities.serializers.ReasonField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        by_id = {"type": "integer"}
        return by_id if direction == "response" else {"oneOf": [by_id, CODE]}


class CriterionNameSchema(OpenApiSerializerFieldExtension):
    """Named by id or by key."""

    target_class = "leads.qualification_serializers.CriterionNameField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {"oneOf": [{"type": "integer", "minimum": 1}, CODE]}


class ClockTimeSchema(OpenApiSerializerFieldExtension):
    """OpenAPI's format "time" has an offset from UTC, as the time on a wall clock has not."""

    target_class = "rest_framework.fields.TimeField"

    def map_serializer_field(self, auto_schema: Any, direction: str) -> dict[str, Any]:
        return {
            "type": "string",
            "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$",
            "example": "09:00:00",
        }


class TokenScheme(OpenApiAuthenticationExtension):
    target_class = "integrations.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token: relay_..."}


class SessionScheme(OpenApiAuthenticationExtension):
    target_class = "integrations.authentication.SessionAuthentication"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
