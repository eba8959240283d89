"""Roles: what they are called and how far each of their actions reaches."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.text import slugify

from crm.errors import DomainError, require
from crm.records import apply_changes, check_whole, clean_texts
from crm.shown import Shown, require_as_shown, shown_of
from people.events import record
from people.matrix import check_levels, keys
from people.models import Role, RolePermission, User
from people.permissions import edits_settings
from people.reach import ReachLevel
from people.services.guards import lock_directory, require_an_administrator

DETAILS = frozenset({"name", "description"})


class RoleIsInUse(DomainError):
    """People have it."""

    code = "role_in_use"

    def __init__(self, role: Role):
        super().__init__(f"People have the role {role}. Give them another one first.")


@transaction.atomic
def create_role(*, actor: User, fields: Mapping[str, Any], levels: Mapping[str, str]) -> Role:
    """
    A new role that grants `levels`, such as {"lead:view": "team"}, and nothing else.

    Raises PermissionDenied or ValidationError.
    """
    require(edits_settings(actor))
    check_levels(levels)
    role = Role()
    apply_changes(role, clean_texts(fields), allowed=DETAILS)
    role.key = free_key(role.name)
    check_whole(role)
    role.save(force_insert=True)
    write_levels(role, levels)
    record(
        "role.created",
        actor=actor,
        role=role,
        changes={"name": [None, role.name], "levels": granted(levels)},
    )
    return role


@transaction.atomic
def update_role(
    *,
    role: Role,
    actor: User,
    changes: Mapping[str, Any] | None = None,
    levels: Mapping[str, str] | None = None,
    shown: Shown | None = None,
) -> Role:
    """
    Rename a role, or replace what it grants; it counts from everybody's next request on.

    Raises PermissionDenied, ChangedMeanwhile if it is no longer as it was `shown`,
    LastAdministrator or ValidationError.
    """
    require(edits_settings(actor))
    lock_directory()
    role = Role.objects.select_for_update(no_key=True).get(pk=role.pk)
    require_as_shown(role, shown=shown, stands=shown_role(role), actor=actor, role=role)
    diff: dict[str, Any] = apply_changes(role, clean_texts(changes or {}), allowed=DETAILS)
    if diff:
        check_whole(role)
        role.save(update_fields=list(diff))
    if levels is not None:
        check_levels(levels)
        diff |= differences(role.levels(), levels)
        write_levels(role, levels)
    if diff:
        record("role.edited", actor=actor, role=role, changes=diff)
        require_an_administrator()
    return role


@transaction.atomic
def delete_role(*, role: Role, actor: User) -> None:
    """
    Remove a role that nobody has, not even somebody who left.

    Raises PermissionDenied or RoleIsInUse.
    """
    require(edits_settings(actor))
    role = Role.objects.select_for_update().get(pk=role.pk)
    if role.users.exists():
        raise RoleIsInUse(role)
    record("role.deleted", actor=actor, role=role, changes={"name": [role.name, None]})
    role.delete()


def shown_role(role: Role) -> Shown:
    """What the form for a role shows of it: its name, and the whole matrix."""
    levels = role.levels()
    return shown_of(role, DETAILS, **{key: levels.get(key, ReachLevel.NONE) for key in keys()})


def write_levels(role: Role, levels: Mapping[str, str]) -> None:
    RolePermission.objects.filter(role=role).delete()
    rows = []
    for key, level in granted(levels).items():
        record_type, action = key.split(":")
        rows.append(RolePermission(role=role, record_type=record_type, action=action, level=level))
    RolePermission.objects.bulk_create(rows)


def granted(levels: Mapping[str, str]) -> dict[str, str]:
    """Without what is granted to nobody's records: a missing row says the same."""
    return {key: str(level) for key, level in levels.items() if level != ReachLevel.NONE}


def differences(old: Mapping[str, str], new: Mapping[str, str]) -> dict[str, list[str]]:
    """{"lead:view": ["own", "team"]} for every level that differs."""
    return {
        key: [old.get(key, "none"), str(new.get(key, "none"))]
        for key in sorted({*old, *new})
        if old.get(key, "none") != new.get(key, "none")
    }


def free_key(name: str) -> str:
    """A key made of the name that no other role has. Raises ValidationError without letters."""
    base = slugify(name)[:36]
    if not base:
        raise ValidationError({"name": "Use at least one letter or digit."})
    taken = set(Role.objects.filter(key__startswith=base).values_list("key", flat=True))
    numbered = (f"{base}-{number}" for number in range(2, len(taken) + 3))
    return next(key for key in (base, *numbered) if key not in taken)
