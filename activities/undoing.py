"""Taking back what was just done to records: one change, or all that one request did."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from activities.events import this_request
from activities.models import Event
from activities.models.links import linked_model
from activities.reversible import UNDO_FOR, done_now_by, reversible_by
from activities.sentences import noun_of, subject_id
from crm.attempts import Result, attempt
from crm.http import Request, own_address
from crm.text import key_of
from crm.undo import say_with_undo

HOURS = UNDO_FOR.days * 24
# What several of a kind are called, and where they are listed.
KINDS = {
    "account": ("accounts", "accounts:list"),
    "contact": ("contacts", "accounts:contacts"),
    "lead": ("leads", "leads:list"),
    "opportunity": ("opportunities", "opportunities:list"),
}


def say_done(request: Request, said: str, *, among: QuerySet, address: str = "") -> None:
    """
    Say what this request did, with a button that takes it back and goes to `address`.

    `among` are the records that the person may still change back. There is no button where
    nothing was changed, or all that was changed is out of reach now.
    """
    if undo := way_back(request, among=among, address=address):
        say_with_undo(request, said, at=undo["at"], **undo["fields"])
    else:
        messages.success(request, said)


def way_back(request: Request, *, among: QuerySet, address: str = "") -> dict[str, Any] | None:
    """Where a button posts to and what, to take back what this request did; None if it cannot."""
    changes = done_now_by(request.user).values("pk")
    if not among.filter(events__in=changes).exists():
        return None
    fields = {"change": this_request(), **({"back": address} if address else {})}
    return {"at": reverse("undo"), "fields": fields}


@require_POST
def undo(request: Request, ways: Mapping[str, Callable[..., Any]]) -> HttpResponse:
    """
    Make records what they were, and tell which have stayed as they are, and why.

    `ways` has the service that takes back a change for each kind of record.
    """
    events = list(asked_for(request))
    seen = seen_of(request, events)
    results = [
        attempt(
            seen.get((noun_of(event), subject_id(event))),
            partial(ways[noun_of(event)], event=event, actor=request.user),
        )
        for event in events
    ]
    kept = [result for result in results if result.problem]
    nouns = {noun_of(event) for event in events}
    plural, every = KINDS[nouns.pop()] if len(nouns) == 1 else ("records", "home")
    address = where_from(request, results, every=reverse(every))
    if kept:
        context = {"results": results, "kept": kept, "back": address, "plural": plural}
        return render(request, "activities/undone.html", context)
    if not results:
        messages.info(request, f"Nothing to undo: a change can be taken back for {HOURS} hours.")
    elif len(results) == 1:
        it = results[0].record or "What you may not see any more"
        messages.success(request, f"{it} is as it was before.")
    else:
        messages.success(request, f"{len(results)} {plural} are as they were before.")
    return redirect(address)


def asked_for(request: Request):
    """The changes of the user's own that are to be taken back, the latest first."""
    mine = reversible_by(request.user)
    if "change" in request.POST:
        return mine.filter(request_id=request.POST["change"] or None)
    pk = key_of(request.POST.get("event"))
    return mine.filter(pk=pk) if pk else Event.objects.none()


def seen_of(request: Request, events: list[Event]) -> dict[tuple[str, int | None], Any]:
    """The records of the events which the person sees, by kind and key."""
    seen: dict[tuple[str, int | None], Any] = {}
    for noun in {noun_of(event) for event in events}:
        keys = {subject_id(event) for event in events if noun_of(event) == noun}
        found = linked_model(noun).objects.visible_to(request.user).in_bulk(keys)
        seen |= {(noun, pk): record for pk, record in found.items()}
    return seen


def where_from(request: Request, results: list[Result], *, every: str) -> str:
    """The page to go back to: the one that was named, or the record's, or that of every one."""
    alone = results[0].record if len(results) == 1 else None
    if "back" in request.POST or alone is None:
        return own_address(request, request.POST.get("back", ""), default=every)
    # Whoever gave the record back may not see it any more.
    is_seen = type(alone).objects.visible_to(request.user).filter(pk=alone.pk).exists()
    return alone.get_absolute_url() if is_seen else every
