"""Taking back what was just done to leads: one change, or all that one request did."""

from functools import partial
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from activities.events import this_request
from activities.models import Event
from activities.reversible import UNDO_FOR, done_now_by, reversible_by
from crm.http import Request
from crm.undo import say_with_undo
from leads.models import Lead
from leads.services import undo_change
from leads.views.results import Result, attempt, back

HOURS = UNDO_FOR.days * 24


def say_done(request: Request, said: str, *, needs: str, address: str = "") -> None:
    """
    Say what this request did to leads, with a button that takes it back and goes to `address`.

    `needs` is the right to take it back. There is no button where nothing was changed, or all
    that was changed is out of reach now.
    """
    if fields := way_back(request, needs=needs, address=address):
        say_with_undo(request, said, at=reverse("leads:undo"), **fields)
    else:
        messages.success(request, said)


def way_back(request: Request, *, needs: str, address: str) -> dict[str, Any]:
    """What a button posts to take back what this request did; nothing where it cannot."""
    changes = done_now_by(request.user).values("pk")
    in_reach = Lead.objects.visible_to(request.user, needs).filter(converted_at__isnull=True)
    if not in_reach.filter(events__in=changes).exists():
        return {}
    return {"change": this_request(), **({"back": address} if address else {})}


@require_POST
def lead_undo(request: Request) -> HttpResponse:
    """Make leads what they were, and tell which have stayed as they are, and why."""
    events = list(asked_for(request))
    seen = Lead.objects.visible_to(request.user).in_bulk({event.lead_id for event in events})
    results = [
        attempt(seen.get(event.lead_id), partial(undo_change, event=event, actor=request.user))
        for event in events
    ]
    kept = [result for result in results if result.problem]
    address = where_from(request, results)
    if kept:
        context = {"results": results, "kept": kept, "back": address}
        return render(request, "leads/undone.html", context)
    if not results:
        messages.info(request, f"Nothing to undo: a change can be taken back for {HOURS} hours.")
    elif len(results) == 1:
        messages.success(request, f"{results[0].lead or 'The lead'} is as it was before.")
    else:
        messages.success(request, f"{len(results)} leads are as they were before.")
    return redirect(address)


def asked_for(request: Request):
    """The changes of the user's own that are to be taken back, the latest first."""
    mine = reversible_by(request.user)
    if "change" in request.POST:
        return mine.filter(request_id=request.POST["change"] or None)
    written = request.POST.get("event", "")
    is_key = written.isascii() and written.isdigit() and len(written) < 19
    return mine.filter(pk=int(written)) if is_key else Event.objects.none()


def where_from(request: Request, results: list[Result]) -> str:
    """The page to go back to: the one that was named, or the lead's, or the list."""
    alone = results[0].lead if len(results) == 1 else None
    if "back" in request.POST or alone is None:
        return back(request, request.POST.get("back", ""))
    # Whoever gave the lead back may not see it any more.
    is_seen = Lead.objects.visible_to(request.user).filter(pk=alone.pk).exists()
    return alone.get_absolute_url() if is_seen else reverse("leads:list")
