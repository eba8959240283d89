"""Pages for those whose role has a right, whatever they own."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from crm.errors import require
from crm.http import Request

View = Callable[..., HttpResponse]


def needs(record_type: str, action: str) -> Callable[[View], View]:
    """View decorator: 403 for everybody whose role does not grant this action at all."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
            require(request.user.can(record_type, action))
            return view(request, *args, **kwargs)

        return guarded

    return decorate
