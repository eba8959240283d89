"""Lists in the API, page by page."""

from typing import Any

from rest_framework.pagination import BasePagination
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.utils.urls import replace_query_param

from crm.keyset import InvalidCursor, Keyset, Page
from crm.problems import InvalidParameters

PAGE_SIZE = 50
MAX_PAGE_SIZE = 200


class KeysetPagination(BasePagination):
    """`?cursor=` and `?page_size=`; a page names the ones before and after it by address."""

    parameters = ("cursor", "page_size")
    page: Page
    base_url: str

    def paginate_queryset(self, queryset: Any, request: Request, view: Any = None) -> list[Any]:
        keyset = Keyset(queryset, size=page_size(request.query_params.get("page_size")))
        self.base_url = request.build_absolute_uri()
        try:
            self.page = keyset.page(request.query_params.get("cursor"))
        except InvalidCursor:
            raise InvalidParameters(
                {"cursor": ["Take it from the next or previous link of this same list."]}
            ) from None
        return self.page.rows

    def get_paginated_response(self, data: Any) -> Response:
        return Response(
            {
                "next": self.link(self.page.next),
                "previous": self.link(self.page.previous),
                "results": data,
            }
        )

    def link(self, cursor: str | None) -> str | None:
        return replace_query_param(self.base_url, "cursor", cursor) if cursor else None

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {
                "next": link,
                "previous": link,
                "results": {**schema, "maxItems": MAX_PAGE_SIZE},
            },
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        return [
            {
                "name": "cursor",
                "in": "query",
                "required": False,
                "description": "A page's place, from the `next` or `previous` link of another.",
                "schema": {"type": "string"},
            },
            {
                "name": "page_size",
                "in": "query",
                "required": False,
                "schema": {
                    "type": "integer",
                    "minimum": 1,
                    "maximum": MAX_PAGE_SIZE,
                    "default": PAGE_SIZE,
                },
            },
        ]


def page_size(value: str | None) -> int:
    if value is None:
        return PAGE_SIZE
    # Five digits at most, since Python refuses to read a number of thousands of them.
    size = int(value) if value.isascii() and value.isdigit() and len(value) < 6 else 0
    if not 1 <= size <= MAX_PAGE_SIZE:
        raise InvalidParameters({"page_size": [f"Use a number from 1 to {MAX_PAGE_SIZE}."]})
    return size
