"""Plans inside bodies, and the answer to a conversion."""

from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from rest_framework.response import Response

from conversion.errors import PlanInvalid, PreviewStale
from conversion.models import Conversion
from conversion.plans import ConversionPlan, read_plan
from conversion.receipts import receipt


@contextmanager
def plan_is_a_part() -> Iterator[None]:
    """Let what is wrong with a plan point into the body of which it is a part."""
    try:
        yield
    except (PlanInvalid, PreviewStale) as refusal:
        raise refusal.below("/plan") from None


def plan_within(values: dict[str, Any]) -> ConversionPlan:
    """The plan inside a body. Raises PlanInvalid with pointers into that body."""
    with plan_is_a_part():
        return read_plan(values["plan"])


def receipt_response(conversion: Conversion) -> Response:
    body = receipt(conversion)
    return Response(body, status=HTTPStatus.CREATED, headers={"Location": body["url"]})
