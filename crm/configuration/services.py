"""Every change of a list of configuration: one rule book for all of them."""

from collections.abc import Mapping
from copy import copy
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, models, transaction
from django.db.models import Max, ProtectedError
from django.utils.text import slugify

from crm.configuration.catalog import Catalog
from crm.configuration.uses import is_used
from crm.errors import DomainError, require
from crm.records import Diff, apply_changes, check_whole, clean_texts
from crm.shown import Shown, require_as_shown, shown_of
from people.events import record
from people.models import User, Workspace
from people.permissions import edits_settings

# The number only has to differ from those of other advisory locks.
CONFIGURATION_LOCK = 0x434F4E46


class EntryIsUsed(DomainError):
    """Records point at it, so it can only be retired."""

    code = "entry_in_use"

    def __init__(self, entry: models.Model):
        super().__init__(f"{entry} is used and cannot be deleted. Retire it instead.")


class EntryIsNeeded(DomainError):
    """It is the default, or the last of its sort, or another entry needs it."""

    code = "entry_is_needed"


@transaction.atomic
def create_entry(
    *,
    catalog: Catalog,
    fields: Mapping[str, Any],
    actor: User,
    parent: models.Model | None = None,
) -> Any:
    """
    A new entry, at the end of its list.

    Raises PermissionDenied or ValidationError.
    """
    hold_configuration(actor)
    entry: Any = catalog.model()
    if catalog.parent:
        setattr(entry, catalog.parent, parent)
    values, linked = split(catalog, fields)
    diff = apply_changes(entry, values, allowed=values)
    if catalog.has_order:
        before = catalog.siblings(entry, catalog.order_within).aggregate(last=Max("position"))
        entry.position = (before["last"] if before["last"] is not None else -1) + 1
    if catalog.slug:
        set_slug(catalog, entry)
    become_default(catalog, entry, diff)
    validate(catalog, entry, diff)
    entry.save(force_insert=True)
    write_links(catalog, entry, linked, diff)
    check_written(catalog, entry)
    write_event("settings.created", catalog, entry, actor, diff)
    return entry


@transaction.atomic
def update_entry(
    *,
    catalog: Catalog,
    entry: models.Model,
    changes: Mapping[str, Any],
    actor: User,
    shown: Shown | None = None,
) -> Any:
    """
    Change an entry. Records that use it keep using it.

    Raises PermissionDenied, ChangedMeanwhile if it is no longer as it was `shown`, EntryIsNeeded
    if its sort would lose its default or last one, or ValidationError such as for a field that
    is fixed once the entry is used.
    """
    hold_configuration(actor)
    entry = catalog.model._default_manager.get(pk=entry.pk)
    stands = shown_entry(catalog, entry)
    require_as_shown(entry, shown=shown, stands=stands, actor=actor, **subject_of(entry))
    values, linked = split(catalog, changes)
    before = copy(entry)
    diff = apply_changes(entry, values, allowed=values)
    if set(catalog.sort) & set(diff):
        require_not_needed(catalog, before)
    fixed = [name for name in catalog.frozen if name in diff]
    if fixed and is_used(entry, parts=catalog.parts):
        raise ValidationError(dict.fromkeys(fixed, "This is in use and cannot change."))
    if diff.get("is_default", [None, True])[1] is False:
        raise ValidationError({"is_default": f"Make another {catalog.noun} the default instead."})
    become_default(catalog, entry, diff)
    validate(catalog, entry, diff)
    if diff:
        entry.save(update_fields=list(diff))
    write_links(catalog, entry, linked, diff)
    check_written(catalog, entry)
    if diff:
        write_event("settings.edited", catalog, entry, actor, diff)
    return entry


@transaction.atomic
def retire_entry(*, catalog: Catalog, entry: models.Model, actor: User) -> Any:
    """
    Let nobody choose an entry any more; what has it keeps it.

    Raises PermissionDenied or EntryIsNeeded.
    """
    hold_configuration(actor)
    entry = catalog.model._default_manager.get(pk=entry.pk)
    require_not_needed(catalog, entry)
    if catalog.needed_for and (why := catalog.needed_for(entry)):
        raise EntryIsNeeded(why)
    return set_active(catalog, entry, False, actor, "settings.retired")


@transaction.atomic
def restore_entry(*, catalog: Catalog, entry: models.Model, actor: User) -> Any:
    """Let people choose a retired entry again. Raises PermissionDenied."""
    hold_configuration(actor)
    entry = catalog.model._default_manager.get(pk=entry.pk)
    return set_active(catalog, entry, True, actor, "settings.restored")


@transaction.atomic
def delete_entry(*, catalog: Catalog, entry: models.Model, actor: User) -> None:
    """
    Remove an entry that nothing uses.

    Raises PermissionDenied, EntryIsNeeded or EntryIsUsed.
    """
    hold_configuration(actor)
    entry = catalog.model._default_manager.select_for_update().get(pk=entry.pk)
    require_not_needed(catalog, entry)
    if is_used(entry, parts=catalog.parts):
        raise EntryIsUsed(entry)
    write_event("settings.deleted", catalog, entry, actor, {})
    try:
        entry.delete()
    except ProtectedError:
        # Something uses a part of it, such as an answer one criterion of a playbook.
        raise EntryIsUsed(entry) from None


@transaction.atomic
def move_entry(*, catalog: Catalog, entry: models.Model, up: bool, actor: User) -> Any:
    """
    Let an entry change places with the active one before or after it; at an end it stays.

    Raises PermissionDenied.
    """
    hold_configuration(actor)
    same = {name: getattr(entry, name) for name in catalog.order_within}
    entries = list(catalog.entries().filter(**same))
    place = [each.pk for each in entries].index(entry.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(entries):
        return entry
    entries[place], entries[other] = entries[other], entries[place]
    for position, each in enumerate(entries):
        each.position = position
    catalog.model._default_manager.bulk_update(entries, ["position"])
    moved = entries[other]
    write_event("settings.edited", catalog, moved, actor, {"position": [place, other]})
    return moved


@transaction.atomic
def accept_configuration(*, actor: User) -> None:
    """Write down that the lists suit the company as they are. Raises PermissionDenied."""
    hold_configuration(actor)
    record("settings.accepted", actor=actor, workspace=Workspace.load())


def shown_entry(catalog: Catalog, entry: models.Model) -> Shown:
    """What the form for an entry shows of it, what is kept in tables beside it as well."""
    linked = {name: link.read(entry) for name, link in catalog.links.items()}
    columns = [name for name in catalog.form.base_fields if name not in linked]
    return shown_of(entry, columns, **linked)


def hold_configuration(actor: User) -> None:
    """
    Let one person at a time change configuration. Raises PermissionDenied.

    "One default" and "the last one stays" are questions about several rows.
    """
    require(edits_settings(actor))
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [CONFIGURATION_LOCK])


def split(catalog: Catalog, fields: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """What goes into the entry's own columns, and what into tables beside it."""
    cleaned = clean_texts(fields)
    linked = {name: cleaned.pop(name) for name in catalog.links if name in cleaned}
    return cleaned, linked


def validate(catalog: Catalog, entry: models.Model, diff: Diff) -> None:
    """Raise ValidationError for an entry that cannot be written."""
    check_whole(entry)
    require_own_label(catalog, entry, diff)


def check_written(catalog: Catalog, entry: models.Model) -> None:
    """Raise ValidationError, which undoes the change, for an entry that makes no sense."""
    if catalog.check:
        catalog.check(entry)


def require_own_label(catalog: Catalog, entry: models.Model, diff: Diff) -> None:
    """Raise ValidationError for what people could not tell from another of its list."""
    _, source = catalog.slug or ("", "")
    if source in diff:
        same = {f"{source}__iexact": getattr(entry, source)}
        if catalog.siblings(entry, catalog.order_within).filter(**same).exists():
            raise ValidationError({source: f"There is a {catalog.noun} of this name already."})


def become_default(catalog: Catalog, entry: Any, diff: Diff) -> None:
    """Take the place of the entry that was the default; before both are, for a moment."""
    moved = {"is_default", *catalog.sort} & set(diff)
    if catalog.has_default and entry.is_default and moved:
        others = catalog.siblings(entry, catalog.sort).filter(is_default=True)
        others.update(is_default=False)


def require_not_needed(catalog: Catalog, entry: Any) -> None:
    if catalog.has_default and entry.is_default:
        raise EntryIsNeeded(f"{entry} is the default. Make another {catalog.noun} that first.")
    if catalog.keeps_one and entry.is_active:
        others = catalog.siblings(entry, catalog.sort).filter(is_active=True)
        if not others.exists():
            raise EntryIsNeeded(f"{entry} is the last {catalog.noun} of its sort, and is needed.")


def set_active(catalog: Catalog, entry: Any, is_active: bool, actor: User, verb: str) -> Any:
    if entry.is_active != is_active:
        entry.is_active = is_active
        entry.save(update_fields=["is_active"])
        write_event(verb, catalog, entry, actor, {"is_active": [not is_active, is_active]})
    return entry


def write_links(
    catalog: Catalog, entry: models.Model, linked: Mapping[str, Any], diff: Diff
) -> None:
    """Write what is kept in tables beside the entry, and add it to the diff."""
    before = {name: catalog.links[name].read(entry) for name in linked}
    after = {name: sorted(each.pk for each in chosen) for name, chosen in linked.items()}
    changed = [name for name in linked if before[name] != after[name]]
    # What goes from one list into another must be gone from the first before.
    for name in changed:
        catalog.links[name].write(entry, set(before[name]) & set(after[name]))
    for name in changed:
        catalog.links[name].write(entry, after[name])
        diff[name] = [before[name], after[name]]


def set_slug(catalog: Catalog, entry: models.Model) -> None:
    """Give a new entry the key by which programs know it, made from its name."""
    field, source = catalog.slug or ("", "")
    base = slugify(getattr(entry, source)).replace("-", "_")[:36] or catalog.key
    taken = set(catalog.siblings(entry, catalog.order_within).values_list(field, flat=True))
    numbered = (f"{base}_{number}" for number in range(2, len(taken) + 3))
    setattr(entry, field, next(key for key in (base, *numbered) if key not in taken))


def write_event(
    verb: str, catalog: Catalog, entry: models.Model, actor: User, diff: Mapping[str, Any]
) -> None:
    facts = {"list": catalog.title, "entry": str(entry)}
    changes = {**facts, **diff}
    record(verb, actor=actor, changes=changes, note="", notify=(), **subject_of(entry))


def subject_of(entry: models.Model) -> dict[str, models.Model]:
    """What events of an entry are about."""
    return {str(entry._meta.model_name): entry}
