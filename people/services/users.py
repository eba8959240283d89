"""Letting people in, changing what they may do, and letting them go."""

from collections.abc import Mapping
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction

from crm.errors import DomainError, require
from crm.records import apply_changes, clean_texts
from crm.shown import Shown, require_as_shown, shown_of
from crm.transactions import in_transaction
from people.events import record
from people.handover import check_successors, hand_over
from people.models import User
from people.permissions import edits_everybody, may_give, may_place_in
from people.reach import Action, RecordType
from people.services.guards import lock_directory, require_an_administrator
from people.tasks import send_invitation

ADMINISTERED = frozenset({"email", "full_name", "role", "team", "time_zone", "locale"})
PROFILE = frozenset({"full_name", "time_zone", "locale", "theme", "density", "keyboard_shortcuts"})


class CannotLeaveAlone(DomainError):
    """People do not lock themselves out."""

    code = "cannot_deactivate_self"

    def __init__(self) -> None:
        super().__init__("You cannot deactivate yourself. Ask another administrator.")


@transaction.atomic
def invite_user(*, actor: User, fields: Mapping[str, Any]) -> User:
    """
    A new person, who gets a mail with a link to choose a password.

    The mail is a job in the same transaction: it is sent once that is saved, or never. Raises
    PermissionDenied, or ValidationError such as for an address that is taken.
    """
    require(actor.can(RecordType.USER, Action.CREATE))
    user = User()
    apply_changes(user, normalized(fields), allowed=ADMINISTERED)
    user.set_unusable_password()
    user.full_clean()
    require(may_give(actor, levels_of(user)))
    require(may_place_in(actor, user.team, Action.CREATE))
    user.save(force_insert=True)
    record(
        "user.invited",
        actor=actor,
        user=user,
        changes={"email": user.email, "role": user.role_id, "team": user.team_id},
    )
    send_invitation.enqueue(user_id=user.pk, inviter_id=actor.pk)
    return user


@transaction.atomic
def invite_again(*, user: User, actor: User) -> User:
    """
    Send the invitation once more, to somebody who never chose a password.

    Raises PermissionDenied, or DomainError if they have one already.
    """
    user = lock_user(user, actor=actor)
    if not user.is_active or user.has_usable_password():
        raise DomainError(f"{user} needs no invitation.")
    record("user.invited", actor=actor, user=user, changes={"email": user.email})
    send_invitation.enqueue(user_id=user.pk, inviter_id=actor.pk)
    return user


@transaction.atomic
def update_user(
    *, user: User, changes: Mapping[str, Any], actor: User, shown: Shown | None = None
) -> User:
    """
    Change somebody's address, name, role, team, time zone or language.

    It counts from their next request on. Raises PermissionDenied, ChangedMeanwhile if they are
    no longer as they were `shown`, LastAdministrator or ValidationError.
    """
    lock_directory()
    user = lock_user(user, actor=actor)
    require_as_shown(user, shown=shown, stands=shown_user(user), actor=actor, user=user)
    diff = apply_changes(user, normalized(changes), allowed=ADMINISTERED)
    if not diff:
        return user
    user.full_clean()
    if "role" in diff:
        require(may_give(actor, levels_of(user)))
    if "team" in diff:
        require(may_place_in(actor, user.team))
    user.save(update_fields=list(diff))
    if "email" in diff:
        # Signing in goes by these too, and the old address may belong to somebody else soon.
        EmailAddress.objects.filter(user=user).delete()
    record("user.edited", actor=actor, user=user, changes=diff)
    if "role" in diff:
        require_an_administrator()
    return user


def deactivate_user(
    *, user: User, actor: User, to: User | None = None, approver: User | None = None
) -> dict[str, int]:
    """
    Let somebody go: they lose access at once, and others take over what they hold.

    Records and open tasks go to `to`, requests to decide to `approver` (or `to`). Tells how
    many of each kind changed hands. A transaction of its own. Raises PermissionDenied,
    CannotLeaveAlone, LastAdministrator, or ValidationError if nobody fit is named for what
    they hold.
    """

    def work() -> dict[str, int]:
        lock_directory()
        require(can_administer(actor, user))
        if user.pk == actor.pk:
            raise CannotLeaveAlone
        # Not "no key": whoever is just writing something that this person will own holds the
        # weakest of locks on this row, and we have to see what they write.
        leaver = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
        return let_go(leaver, actor=actor, to=to, approver=approver) if leaver.is_active else {}

    # A leaver may hold a hundred thousand records, and each kind changes hands in one statement.
    return in_transaction(work, statement_timeout="60s")


def let_go(user: User, *, actor: User, to: User | None, approver: User | None) -> dict[str, int]:
    """Hand over what a locked person holds, close their account, and say so."""
    check_successors(user, to=to, approver=approver)
    counts = hand_over(user, to=to, approver=approver, actor=actor)
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(
        "user.deactivated",
        actor=actor,
        user=user,
        notify=[person for person in (to, approver) if person],
        changes={
            "is_active": [True, False],
            "to": to.pk if to else None,
            "approver": approver.pk if approver else None,
            "handed_over": counts,
        },
    )
    require_an_administrator()
    return counts


@transaction.atomic
def reactivate_user(*, user: User, actor: User) -> User:
    """
    Let somebody in again, with the role and team they had. What they held stays where it is.

    Raises PermissionDenied.
    """
    user = lock_user(user, actor=actor)
    if not user.is_active:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record("user.reactivated", actor=actor, user=user, changes={"is_active": [False, True]})
    return user


@transaction.atomic
def update_profile(*, user: User, changes: Mapping[str, Any]) -> User:
    """
    Change one's own name, time zone, language or look of the application.

    Raises ValidationError.
    """
    user = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if diff := apply_changes(user, clean_texts(changes), allowed=PROFILE):
        user.full_clean()
        user.save(update_fields=list(diff))
        record("user.edited", actor=user, user=user, changes=diff)
    return user


def shown_user(user: User) -> Shown:
    """What the form for somebody shows of them."""
    return shown_of(user, ADMINISTERED)


def can_administer(actor: User, user: User) -> bool:
    """Whether `actor` may change this person: within reach, and no mightier than themselves."""
    if edits_everybody(actor):
        return True
    within_reach = User.objects.visible_to(actor, Action.EDIT).filter(pk=user.pk).exists()
    return within_reach and may_give(actor, levels_of(user))


def levels_of(user: User) -> dict[str, str]:
    """What somebody's role grants; nothing without one."""
    return user.role.levels() if user.role else {}


def lock_user(user: User, *, actor: User) -> User:
    """
    Re-read a person for writing, and hold their row until the transaction ends.

    Raises PermissionDenied if `actor` may not administer them.
    """
    locked = (
        User.objects.select_related("role", "team")
        .select_for_update(of=("self",), no_key=True)
        .get(pk=user.pk)
    )
    require(can_administer(actor, locked))
    return locked


def normalized(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Texts as they may be stored; addresses are compared, and kept, in lower case."""
    cleaned = clean_texts(fields)
    if "email" in cleaned:
        cleaned["email"] = User.objects.normalize_email(cleaned["email"]).lower()
    return cleaned
