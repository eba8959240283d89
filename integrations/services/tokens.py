"""Giving programs a key, and taking it away."""

import json
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from http import HTTPStatus
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from knox.models import get_digest_token
from knox.settings import CONSTANTS

from activities.events import record
from activities.models import Event
from crm.errors import require
from crm.idempotency import AlreadyAnswered, Idempotency
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
def create_token_by_form(
    *, form_key: str, user: User, actor: User, **fields: Any
) -> tuple[ApiToken, str] | None:
    """
    As create_token; None where the same form was sent before, whose secret was shown then.

    A page that is loaded again sends its form again. `form_key` is the form's own, made when it
    was drawn; filled in otherwise, it is a wish for another token.
    """
    filled_in = json.dumps(fields, sort_keys=True, default=str)
    digest = sha256(f"{form_key}\n{filled_in}".encode()).hexdigest()
    sent = Idempotency(user_id=actor.pk, key=f"token-form-{digest}", fingerprint=digest)
    try:
        sent.claim()
    except AlreadyAnswered:
        return None
    made = create_token(user=user, actor=actor, **fields)
    # What was answered is the secret, which lies in no table.
    sent.store(HTTPStatus.CREATED, None)
    return made


def was_revoked(pk: int, user: User) -> bool:
    """Whether a token that is gone was one of this person's to revoke."""
    gone = Event.objects.filter(subject_type="token", subject_id=pk, verb="token.revoked")
    return gone.filter(Q(actor=user) | Q(changes__user=user.pk)).exists()


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
