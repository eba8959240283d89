"""Giving programs a key, and taking it away."""

from collections.abc import Collection
from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from activities.events import record
from crm.errors import require
from integrations.models import ApiToken, Scope
from integrations.permissions import can_create_token_for, is_program
from people.models import User

TOKEN_PREFIX = "relay_"  # noqa: S105 - how secrets begin, not one of them


@transaction.atomic
def create_token(
    *,
    user: User,
    name: str,
    scopes: Collection[str],
    actor: User | None,
    expires_at: datetime | None = None,
    within: Collection[str] = Scope.values,
) -> tuple[ApiToken, str]:
    """
    A new token that acts as `user`, and its secret, which nobody can read again.

    `within` are the scopes of the token with which this one is asked for: it gets no
    others. `actor` is None at the console, where everything is allowed. Raises
    PermissionDenied, or ValidationError for unknown scopes, a time that is over, or somebody
    who was invited and has not been here yet.
    """
    require(actor is None or can_create_token_for(actor, user))
    if not (user.has_usable_password() or is_program(user)):
        raise ValidationError({"user": f"{user} has not accepted the invitation yet."})
    # An unknown scope is left to the validation below, which can name it.
    require(set(within).issuperset(set(scopes) & set(Scope.values)))
    if expires_at is not None and expires_at <= timezone.now():
        raise ValidationError({"expires_at": "This time is over."})
    digest, secret = get_digest_token(TOKEN_PREFIX)
    token = ApiToken(
        user=user,
        name=name,
        scopes=sorted(set(scopes)),
        expiry=expires_at,
        digest=digest,
        token_key=secret[: CONSTANTS.TOKEN_KEY_LENGTH],
    )
    token.full_clean()
    token.save(force_insert=True)
    record(
        "token.created",
        actor=actor,
        token=token,
        changes={"name": name, "scopes": token.scopes, "user": user.pk},
    )
    return token, secret


@transaction.atomic
def revoke_token(*, token: ApiToken, actor: User) -> None:
    """
    Make a token useless at once.

    Raises PermissionDenied if `actor` may not see it, or somebody has revoked it already.
    """
    locked = ApiToken.objects.visible_to(actor).filter(pk=token.pk).select_for_update().first()
    require(locked is not None)
    record(
        "token.revoked",
        actor=actor,
        token=token,
        changes={"name": token.name, "user": token.user_id},
    )
    token.delete()
