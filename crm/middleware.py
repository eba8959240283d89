"""What happens to every request of the site."""

import zoneinfo
from collections.abc import Callable
from http import HTTPStatus
from urllib.parse import urlsplit

from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseRedirectBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control
from django.views.defaults import page_not_found
from django_htmx.http import reswap, retarget

from crm.database_errors import refusal_of
from crm.errors import DomainError
from crm.http import wants_fragment

GetResponse = Callable[[HttpRequest], HttpResponse]


class HtmxRedirectMiddleware:
    """
    Let views redirect as always, and make htmx obey.

    A browser follows a 302 before htmx sees it, so the page it leads to would land
    inside the fragment: most visibly the sign-in page, once a session has expired.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseRedirectBase) and wants_fragment(request):
            response.status_code = 200
            response["HX-Redirect"] = response["Location"]
            del response["Location"]
        return response


class SignInMiddleware(LoginRequiredMiddleware):
    """
    Ask who it is, and lead back to the page that somebody was on.

    The address of a form or of a fragment shows nothing by itself: once a session has expired
    in the middle of typing, only the page around it brings people back to what they typed.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable
    ) -> HttpResponseRedirect:
        return redirect_to_login(page_of(request), self.get_login_url(view_func))


def page_of(request: HttpRequest) -> str:
    """Where the person is: the address asked for, or the page it was asked from."""
    if request.method in ("GET", "HEAD") and not wants_fragment(request):
        return request.get_full_path()
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host():
        return "/"
    return page._replace(scheme="", netloc="", fragment="").geturl()


class NoPageMiddleware:
    """Say so where somebody opens the address that a form is sent to: a browser shows nothing."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != 405 or response.content or wants_fragment(request):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page


class PrivatePagesMiddleware:
    """Keep what a signed-in person sees out of every cache, the browser's included."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.user.is_authenticated and not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class ReaderMiddleware:
    """Write times on the clock, and numbers in the convention, of the person who reads them."""

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self.get_response(request)
        zone = zoneinfo.ZoneInfo(request.user.time_zone)
        with timezone.override(zone), translation.override(request.user.locale):
            return self.get_response(request)


class DomainErrorMiddleware:
    """
    Tell people which rule said no: in a toast when htmx asked, otherwise on a page.

    And that there is nothing, with DEBUG on as well: Django would list every address instead.
    """

    def __init__(self, get_response: GetResponse):
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, Http404):
            return page_not_found(request, exception)
        # The database refuses by the same rules, where a service has not asked first.
        error = refusal_of(exception)
        if error is None:
            return None
        if wants_fragment(request):
            toast = {"level": "error", "message": str(error)}
            response = render(request, "components/toast.html", toast, status=error.status)
            return reswap(retarget(response, "#toasts"), "beforeend")
        context = {"error": error, "again": posted_again(request, error)}
        return render(request, "errors/conflict.html", context, status=error.status)


def posted_again(request: HttpRequest, error: DomainError) -> list[tuple[str, str]] | None:
    """
    What a form has to post once more after a refusal that passes by itself, else None.

    None too where it must not be written into a page, or cannot: passwords, and files.
    """
    if request.method != "POST" or error.status != HTTPStatus.SERVICE_UNAVAILABLE:
        return None
    if request.FILES or hasattr(request, "sensitive_post_parameters"):
        return None
    return [
        (name, value)
        for name, values in request.POST.lists()
        for value in values
        if name != "csrfmiddlewaretoken"
    ]
