"""What every answer under /api/ keeps, also where no view of ours was reached."""

from collections.abc import Callable
from http import HTTPStatus

from django.http import HttpRequest, HttpResponse

from crm.problems import plain_problem
from crm.throttles import RateState

API_ROOT = "/api/"
PROBLEMS_STAY = ("application/json", "application/problem+json")


class ApiMiddleware:
    """
    Turns every other error page of Django into problem+json, and tells callers their rate.

    Stands outside the middleware that may refuse a request: an unknown host, a body that is
    too large, a broken form. The pages it replaces may hold a traceback; its own never do.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not request.path_info.startswith(API_ROOT):
            return response
        content_type = response.get("Content-Type", "")
        if response.status_code >= HTTPStatus.BAD_REQUEST and not content_type.startswith(
            PROBLEMS_STAY
        ):
            response = plain_problem(response.status_code)
        rate: RateState | None = getattr(request, "rate_limit", None)
        for name, value in rate.headers.items() if rate else ():
            response[name] = value
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-cache"
        return response
