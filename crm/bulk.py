"""Many records in one call to the API, each row on its own and answered by itself."""

from http import HTTPStatus
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, transaction
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import APIException, ErrorDetail, NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from crm.errors import DomainError
from crm.idempotency import idempotent
from crm.problems import problem_exception_handler
from crm.serializers import ShapeSerializer

MAX_ROWS = 200


class BulkSerializer(ShapeSerializer):
    """The rows of one call."""

    rows = serializers.ListField(
        child=serializers.DictField(),
        allow_empty=False,
        max_length=MAX_ROWS,
        help_text=(
            "One object for each record: with `id` the fields to change (and optionally the "
            "`version` they are meant for), without it the fields of a new one."
        ),
    )


class BulkResultSerializer(serializers.Serializer):
    """What became of one row."""

    row = serializers.IntegerField(help_text="Its place in the call, from 0.")
    status = serializers.IntegerField(help_text="As the answer of a call for this row alone.")
    id = serializers.IntegerField(required=False, help_text="The record's, where it succeeded.")
    version = serializers.IntegerField(required=False, help_text="The record's, afterwards.")
    problem = serializers.DictField(required=False, help_text="Why not, as a problem (RFC 9457).")


class BulkAnswerSerializer(serializers.Serializer):
    """The rows' results, in the order of the call."""

    results = BulkResultSerializer(many=True)


class BulkMixin:
    """
    POST bulk/: up to 200 rows, each created or changed as POST and PATCH would, each in a
    transaction of its own. Rows that fail leave the others alone.
    """

    @extend_schema(request=BulkSerializer, responses={200: BulkAnswerSerializer})
    @action(detail=False, methods=["post"], serializer_class=BulkSerializer, filter_backends=[])
    @idempotent
    def bulk(self: Any, request: Request) -> Response:
        """Create and change up to 200 records; each row is answered by itself."""
        call = self.get_serializer(data=request.data)
        call.is_valid(raise_exception=True)
        # From here on the rows have the resource's own shape.
        self.serializer_class = type(self).serializer_class
        rows = call.validated_data["rows"]
        return Response({"results": [self.bulk_row(place, row) for place, row in enumerate(rows)]})

    def bulk_row(self: Any, place: int, row: dict[str, Any]) -> dict[str, Any]:
        """Do one row, and tell what became of it."""
        try:
            with transaction.atomic():
                return {"row": place, **self.write_row(row)}
        except (
            APIException,
            DatabaseError,
            DomainError,
            PermissionDenied,
            ValidationError,
        ) as error:
            answer = problem_exception_handler(error, self.get_renderer_context())
            if not isinstance(answer, Response):
                raise
            return {"row": place, "status": answer.status_code, "problem": answer.data}

    def write_row(self: Any, row: dict[str, Any]) -> dict[str, Any]:
        values = dict(row)
        if "id" not in values:
            serializer = self.get_serializer(data=values)
            serializer.is_valid(raise_exception=True)
            self.perform_create(serializer)
            status = HTTPStatus.CREATED
        else:
            pk = whole_number(values, "id")
            record = self.get_queryset().filter(pk=pk).first()
            if record is None:
                raise NotFound("There is no such record, or you may not see it.")
            self.expected_version = whole_number(values, "version") if "version" in values else None
            serializer = self.get_serializer(record, data=values, partial=True)
            serializer.is_valid(raise_exception=True)
            self.perform_update(serializer)
            status = HTTPStatus.OK
        record = serializer.instance
        return {"status": int(status), "id": record.pk, "version": record.version}


def whole_number(values: dict[str, Any], name: str) -> int:
    """Take a number out of a row. Raises ValidationError that names it."""
    number = values.pop(name)
    if type(number) is not int or not 0 < number < 2**63:
        raise serializers.ValidationError(
            {name: [ErrorDetail("Give a whole number.", code="invalid")]}
        )
    return number
