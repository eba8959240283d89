"""What a token may do, on top of what its user may."""

from typing import Any

from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import SAFE_METHODS, IsAuthenticated
from rest_framework.request import Request

READ, WRITE, CONVERT, ADMIN = "read", "write", "convert", "admin"
SCOPES = {
    READ: "Read everything its user may see",
    WRITE: "Create, change and delete",
    CONVERT: "Convert leads",
    ADMIN: "Change the configuration, people and tokens",
}


class HasScope(IsAuthenticated):
    """
    Signed in, and, with a token, one that has the scope of this request.

    A session has every scope. A view names others than `read` and `write` in
    `required_scopes`, by action or by method.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        if not super().has_permission(request, view):
            return False
        # Without a token there is nothing to narrow: a session is its user.
        token: Any = request.auth
        if token is None:
            return True
        scope = required_scope(request, view)
        if scope not in token.scopes:
            raise PermissionDenied(f"This token lacks the scope {scope}.", code="missing_scope")
        return True


def required_scope(request: Request, view: Any) -> str:
    """The scope a token needs for this request: the action's, the method's, or the usual one."""
    scopes = getattr(view, "required_scopes", {})
    usual = READ if request.method in SAFE_METHODS else WRITE
    by_method = scopes.get(str(request.method), usual)
    return scopes.get(getattr(view, "action", None) or "", by_method)
