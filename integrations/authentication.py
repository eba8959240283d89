"""Who calls the API: a person with a session, or a program with a token."""

from datetime import timedelta
from hmac import compare_digest
from typing import Any

from django.db.models import Q
from django.utils import timezone
from knox.auth import TokenAuthentication as KnoxTokenAuthentication
from knox.crypto import hash_token
from knox.settings import CONSTANTS
from rest_framework import authentication
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied

from integrations.models import ApiToken
from people.models import User

# Knowing the minute is enough, and spares an UPDATE on nearly every request.
LAST_USED_PRECISION = timedelta(minutes=1)


class TokenAuthentication(KnoxTokenAuthentication):
    """
    `Authorization: Bearer relay_...`: one query for the token and its user.

    Knox would also look through the user's other tokens to delete expired ones; ours stay,
    so that people see in their list why a program no longer gets in.
    """

    def authenticate_credentials(self, token: bytes) -> tuple[User, ApiToken]:
        try:
            presented = token.decode("ascii")
        except UnicodeDecodeError:
            raise AuthenticationFailed("Invalid token.", code="invalid_token") from None
        digest = hash_token(presented)
        key = presented[: CONSTANTS.TOKEN_KEY_LENGTH]
        for candidate in ApiToken.objects.filter(token_key=key).select_related("user"):
            if compare_digest(digest, candidate.digest):
                return self.admit(candidate)
        raise AuthenticationFailed("Invalid token.", code="invalid_token")

    def admit(self, token: ApiToken) -> tuple[User, ApiToken]:
        """The user of a genuine token, unless its time or the user's is over."""
        now = timezone.now()
        if token.expiry is not None and token.expiry <= now:
            raise AuthenticationFailed("This token has expired.", code="token_expired")
        if not token.user.is_active:
            raise AuthenticationFailed("Invalid token.", code="invalid_token")
        if token.last_used_at is None or token.last_used_at <= now - LAST_USED_PRECISION:
            # The condition again, so that simultaneous requests do not all write.
            unused = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - LAST_USED_PRECISION)
            ApiToken.objects.filter(unused, pk=token.pk).update(last_used_at=now)
        return token.user, token


class SessionAuthentication(authentication.SessionAuthentication):
    """The browser's session; changes need the CSRF token as everywhere."""

    def enforce_csrf(self, request: Any) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied as refusal:
            raise PermissionDenied(str(refusal.detail), code="csrf_failed") from None
