"""Pages that feel instant: the browser fetches what the pointer rests on."""

from collections.abc import Callable
from pathlib import Path
from wsgiref.headers import Headers

from django.http import HttpRequest, HttpResponse
from django.templatetags.static import static


class SpeculationRulesMiddleware:
    """Point HTML pages at `static/rules.json`, by a header since inline scripts are forbidden."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and response.headers.get("Content-Type", "").startswith(
            "text/html"
        ):
            response["Speculation-Rules"] = f'"{static("rules.json")}"'
        return response


def say_what_rules_are(headers: Headers, path: str, url: str) -> None:
    """Give the rules their own type, or the browser refuses them. WhiteNoise asks for each file."""
    if Path(path).match("rules*.json"):
        headers["Content-Type"] = "application/speculationrules+json"
