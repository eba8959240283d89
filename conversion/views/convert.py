"""The conversion screen: three cards, what will happen, and the one button that does it."""

import hashlib
import json
import uuid
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.db import OperationalError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from conversion.drafts import TARGETS, Draft
from conversion.errors import (
    AlreadyConverted,
    DuplicatesFound,
    LeadCannotConvert,
    PlanInvalid,
    PreviewStale,
    RequestIsOpen,
    RequestLapsed,
    RequestNotReady,
)
from conversion.models import ConversionRequest
from conversion.queries import inbox, require_not_passed_on, tab_of
from conversion.services import convert_lead
from conversion.services.lapsing import material_changes
from conversion.services.rights import require_direct_conversion_allowed
from conversion.services.transitions import STEPS, with_related
from conversion.views.decisions import NOTE, told_meanwhile
from crm.database_errors import translate_database_error
from crm.errors import DomainError, require
from crm.http import Request, get_visible_or_404, render_page
from crm.idempotency import KEY_PATTERN, AlreadyAnswered, Idempotency
from crm.records import StaleVersion
from crm.text import clean_text, key_of
from leads.models import Lead
from people.reach import Action

CONVERT = "convert"
SEE = "See what will happen, then convert."


@require_http_methods(["GET", "POST"])
def convert(request: Request, pk: int) -> HttpResponse:
    """
    Put a conversion together, and do it. Posting without `do=convert` only shows the effects.

    With `?request=`, an approver approves and converts by one button. A lead that is
    converted already leads to its receipt.
    """
    asked = asked_for(request, pk)
    lead = asked.lead if asked else get_visible_or_404(request, leads(), pk=pk)
    if lead.is_converted:
        return redirect(lead.conversion)
    if detour := not_from_here(request, lead, asked):
        return detour
    if request.method == "GET":
        return render_draft(request, Draft(lead, request.user, asked=asked))
    draft = Draft(lead, request.user, data=request.POST, asked=asked)
    if request.POST.get("do") != CONVERT:
        return render_draft(request, draft)
    return execute(request, draft)


def leads() -> Any:
    return with_related(Lead.objects.all())


def asked_for(request: Request, pk: int) -> ConversionRequest | None:
    """The request that is being decided, if the address names one. 404 if it is not theirs."""
    if "request" not in request.GET:
        return None
    named = key_of(request.GET["request"])
    if named is None:
        raise Http404
    rows = ConversionRequest.objects.visible_to(request.user, Action.DECIDE).select_related(
        "path",
        "requester",
        "approver",
        *(f"lead__{name}" for name in ("status", "owner", "source", "campaign")),
        "lead__partner_account",
    )
    asked = rows.filter(pk=named, lead=pk).first()
    if asked is None:
        require_not_passed_on(named, request.user)
        raise Http404
    return asked


def not_from_here(
    request: Request, lead: Lead, asked: ConversionRequest | None
) -> HttpResponse | None:
    """
    Where else this belongs, if it does. Raises PermissionDenied, ApprovalNeeded,
    LeadCannotConvert.
    """
    if lead.is_closed:
        raise LeadCannotConvert(lead)
    if asked is not None:
        require(asked.requester_id != request.user.pk or asked.may_approve_own)
        if asked.state not in STEPS["convert"][0]:
            return told_meanwhile(request, asked.pk)
        return None
    try:
        require_direct_conversion_allowed(lead, request.user)
    except RequestIsOpen as refusal:
        return to_open_request(request, lead, refusal)
    return None


def to_open_request(request: Request, lead: Lead, refusal: RequestIsOpen) -> HttpResponse:
    """The request decides: straight to its conversion for who may, else to the request."""
    open_requests = ConversionRequest.objects.open().filter(lead=lead)
    decidable = open_requests.visible_to(request.user, Action.DECIDE)
    if asked := decidable.filter(state__in=STEPS["convert"][0]).first():
        return redirect(f"{reverse('conversion:convert', args=[lead.pk])}?request={asked.pk}")
    if asked := open_requests.visible_to(request.user).first():
        return redirect(asked)
    raise refusal


def execute(request: Request, draft: Draft) -> HttpResponse:
    """Convert as shown. Whatever is in the way is told on the same screen; nothing is lost."""
    if draft.plan is None or draft.preview is None:
        return render_draft(request, draft, status=422)
    if not draft.is_as_shown and not draft.only_typed_since:
        # Irreversible, so nobody converts by choices whose effects they have not seen.
        draft.notes.append(SEE)
        return render_draft(request, draft)
    token = clean_token(request)
    try:
        # A request whose subject has changed lapses, whatever the token says.
        if draft.asked is None or not material_changes(draft.asked):
            token = draft.token_to_convert(token)
        conversion = convert_lead(
            lead=draft.lead,
            plan=replace(draft.plan, preview_token=token),
            actor=request.user,
            request=draft.asked,
            note=note_for(request, draft.asked),
            idempotency=idempotency_of(request),
        )
    except AlreadyAnswered as replay:
        return redirect(json.loads(replay.stored.body)["page"])
    except AlreadyConverted as refusal:
        return redirect(refusal.extra["receipt"])
    except (RequestLapsed, RequestNotReady, StaleVersion) as refusal:
        return back_to_request(request, draft.asked, refusal)
    except PlanInvalid as refusal:
        draft.form.show_problems(refusal.problems)
        return render_draft(request, draft, status=422)
    except PreviewStale as refusal:
        return render_draft(request, draft, status=409, changed=refusal.extra["differences"])
    except DuplicatesFound as refusal:
        draft.notes.append(str(refusal))
        return render_draft(request, draft, status=409, marked={draft.overruled})
    except OperationalError as error:
        busy = translate_database_error(error)
        if busy is None:
            raise
        draft.notes.append(str(busy))
        return render_draft(request, draft, status=busy.status)
    request.session.pop(NOTE, None)
    return redirect(conversion)


def note_for(request: Request, asked: ConversionRequest | None) -> str:
    """What the approver wrote to the requester on the page of the request."""
    note = request.session.get(NOTE, {})
    return note["text"] if asked and note.get("request") == asked.pk else ""


def back_to_request(
    request: Request, asked: ConversionRequest | None, refusal: DomainError
) -> HttpResponse:
    """The request is not what it was: show how it stands."""
    if asked is None:
        raise refusal
    if isinstance(refusal, RequestNotReady):
        return told_meanwhile(request, asked.pk)
    messages.warning(request, str(refusal))
    return redirect(asked)


def clean_token(request: Request) -> str:
    """The posted token; "" never matches, so that a page without one is shown again."""
    try:
        return clean_text(request.POST.get("preview_token", "")) or "none"
    except ValueError:
        return "none"


# --- one form converts once ---


def idempotency_of(request: Request) -> Idempotency | None:
    """
    The form's own key: sent twice, by a double click, a retry or the back button, it leads
    to the same receipt, whatever else was changed in the form meanwhile.
    """
    key = request.POST.get("key", "")
    if not KEY_PATTERN.fullmatch(key):
        return None
    what = f"form\n{request.user.pk}\n{request.path}"
    return Idempotency(
        user_id=request.user.pk, key=key, fingerprint=hashlib.sha256(what.encode()).hexdigest()
    )


# --- the page ---


def render_draft(
    request: Request,
    draft: Draft,
    *,
    status: int = 200,
    changed: list[dict[str, Any]] | None = None,
    marked: Collection[str] = (),
) -> HttpResponse:
    """The screen; the cards of what `changed`, and those `marked`, stand out."""
    tab = ""
    if draft.asked:
        # The approver comes from the inbox, and goes back there.
        request.found_under = draft.asked.get_absolute_url()
        tab = tab_of(draft.asked, request.user)
    context = {
        "draft": draft,
        "lead": draft.lead,
        "form": draft.form,
        "cards": draft.cards,
        "asked": draft.asked,
        "note": note_for(request, draft.asked),
        # Called by the page alone: its parts are drawn again with every change.
        "place": lambda: inbox(request.user, tab).place_of(draft.asked),
        "changed": changed_values(changed or []),
        "changed_cards": {difference["pointer"].split("/")[1] for difference in changed or []}
        | set(marked),
        "key": request.POST.get("key") or uuid.uuid4().hex,
    }
    return render_page(request, "conversion/convert.html", context, partial="draft", status=status)


def changed_values(differences: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What differs from what was shown, for people: the values, without their places in lists."""
    found = []
    for difference in differences:
        steps = difference["pointer"].strip("/").split("/")
        if steps[0] in TARGETS and steps[-1] not in ("field", "id"):
            found.append({"where": steps[0], **difference})
    return found
