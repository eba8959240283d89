"""The approval inbox, and one request with all that is needed to decide it."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from activities.models import Activity
from conversion.display import asked_amount, headline, history, lead_outcome, plan_lines
from conversion.forms import DecisionForm, DisputeForm, JudgeForm, ReassignForm, RecallForm
from conversion.forms.decisions import around, deciders
from conversion.models import ConversionRequest, RequestState
from conversion.queries import inbox, require_not_passed_on, reviewable, tab_of
from conversion.services.answering import answerer
from conversion.services.disputes import may_dispute
from conversion.services.transitions import STEPS
from conversion.since_submitted import changes
from crm.http import Request
from leads.known import find_matches
from people.models import User, Workspace

ACTIVITY_ICONS = {
    "call": "phone",
    "email": "mail",
    "meeting": "calendar-days",
    "note": "file-text",
    "task": "square-check-big",
    "file": "paperclip",
}


@dataclass(frozen=True)
class RailRow:
    """One request in the list at the left."""

    request: ConversionRequest
    amount: str
    tone: str
    is_late: bool


@dataclass(frozen=True)
class Evidence:
    """One claim of the requester, where it comes from, and what the approver thinks of it."""

    criterion: int
    label: str
    value: str
    state: str
    quote: str
    source: Activity | None
    icon: str
    by: str
    verdict: str


@require_GET
def approvals(request: Request) -> HttpResponse:
    """The inbox: what waits, by due time, with the first request opened beside it."""
    found = inbox(request.user, request.GET.get("show", ""))
    first = found.rows[0] if found.rows else None
    return render_inbox(request, first, found=found, at_list=True)


@require_GET
def request_detail(request: Request, pk: int) -> HttpResponse:
    """One request: its evidence, what changed since, its history, and what may be done now."""
    return render_inbox(request, fetch_request(request, pk))


def fetch_request(request: Request, pk: int) -> ConversionRequest:
    """
    A request the user may know of; 404 otherwise. Raises PassedOn to who was to decide it.
    """
    user, requests = request.user, ConversionRequest.objects
    for rows in (requests.visible_to(user), requests.left_to(user)):
        if found := reviewable(rows, user).filter(pk=pk).first():
            return found
    require_not_passed_on(pk, user, typed_in(request))
    raise Http404


def typed_in(request: Request) -> str:
    """What somebody wrote in the form of a step that they come too late for."""
    typed = (request.POST.get(name, "") for name in ("message", "note", "statement"))
    return " ".join(filter(None, typed))


def render_inbox(
    request: Request,
    conversion_request: ConversionRequest | None,
    *,
    found: Any = None,
    at_list: bool = False,
    overtaken: str | None = None,
    status: int = 200,
    **forms: Any,
) -> HttpResponse:
    """
    The rail and one request; `forms` are those that were refused, by name.

    `overtaken` is what somebody wrote who decided when others already had.
    """
    user = request.user
    if found is None:
        show = request.GET.get("show") or (
            tab_of(conversion_request, user) if conversion_request else ""
        )
        found = inbox(user, show)
    currency = Workspace.load().currency
    context: dict[str, Any] = {
        "inbox": found,
        "own_rows": [rail_row(row, currency) for row in found.own],
        "other_rows": [rail_row(row, currency) for row in found.others],
        "selected": conversion_request,
        "at_list": at_list,
        "overtaken": overtaken,
    }
    if conversion_request is not None:
        context["place"] = found.place_of(conversion_request)
        context |= review(conversion_request, user, currency)
        context |= usual_forms(conversion_request, user, context)
        context |= forms
    return render(request, "conversion/approvals.html", context, status=status)


def rail_row(request: ConversionRequest, currency: str) -> RailRow:
    is_pending = request.state == RequestState.PENDING
    is_late = is_pending and request.due_at < timezone.now()
    tone = "overdue" if is_late else request.state
    return RailRow(request, asked_amount(request, currency), tone, is_late)


def review(request: Any, user: User, currency: str) -> dict[str, Any]:
    """Everything a reader of one `reviewable` request is shown, and which steps are theirs."""
    steps = possible_steps(request, user)
    is_open = request.is_open and request.state != RequestState.DISPUTED
    told = history(request)
    return {
        "lead": request.lead,
        "may_open_lead": request.may_open_lead,
        "amount": asked_amount(request, currency),
        "headline": headline(request),
        "evidence": evidence(request),
        "changes": changes(request),
        "matches": find_matches(request.lead, user) if is_open and request.may_open_lead else None,
        "asked": plan_lines(request, currency),
        "history": told,
        "lead_outcome": lead_outcome(told),
        "is_overdue": request.state == RequestState.PENDING and request.due_at < timezone.now(),
        "receipt": request.conversion if request.state == RequestState.CONVERTED else None,
        "steps": steps,
        "answerer": answerer(request) if "send_back" in steps else None,
    }


def possible_steps(request: Any, user: User) -> set[str]:
    """The steps this person may take now; the services check again under their locks."""
    allowed = {step for step, (states, _, _) in STEPS.items() if request.state in states}
    own = request.requester_id == user.pk
    decides, reassigns = request.may_decide, request.may_reassign
    found = set()
    if own:
        found |= allowed & {"recall", "resubmit"}
    if "dispute" in allowed and not request.dispute_statement and may_dispute(request, user):
        found.add("dispute")
    if decides and (not own or request.may_approve_own):
        found |= allowed & {"approve", "send_back", "reject", "convert"}
    parties = (request.requester_id, request.approver_id, request.decided_by_id)
    if decides and user.pk not in parties:
        found |= allowed & {"overturn", "uphold"}
    if reassigns and request.state in (RequestState.PENDING, RequestState.APPROVED):
        found.add("reassign")
        if decides and not own and user.pk != request.approver_id:
            found.add("take_over")
    return found


def usual_forms(request: ConversionRequest, user: User, context: dict[str, Any]) -> dict[str, Any]:
    """An empty form for every step this person may take."""
    steps = context["steps"]
    forms: dict[str, Any] = {}
    if steps & {"approve", "reject", "convert"}:
        forms["decision"] = DecisionForm(request)
    if "reassign" in steps:
        forms["reassign"] = ReassignForm(request)
    offer_people(request, forms)
    if "recall" in steps:
        forms["recall"] = RecallForm(auto_id="recall-%s")
    if "dispute" in steps:
        forms["dispute"] = DisputeForm(auto_id="dispute-%s")
    if "overturn" in steps:
        forms["judge"] = JudgeForm(request)
    return forms


def offer_people(request: ConversionRequest, forms: dict[str, Any]) -> None:
    """Fill the lists of both forms that name a person, in one query."""
    fields = {
        name: forms[form].fields[name]
        for form, name in (("decision", "reassign_to"), ("reassign", "to"))
        if form in forms
    }
    if not fields:
        return
    people = list(around(request))
    for name, field in fields.items():
        offered = people if name == "reassign_to" else deciders(people, request)
        field.choices = [("", field.empty_label), *((each.pk, str(each)) for each in offered)]


def evidence(request: ConversionRequest) -> list[Evidence]:
    """The frozen answers, each with the activity it was taken from."""
    ids = [answer["activity"] for answer in request.answers if answer["activity"]]
    sources = Activity.objects.live().select_related("owner").in_bulk(ids) if ids else {}
    return [
        Evidence(
            criterion=answer["criterion"],
            label=answer["label"],
            value=answer["value"],
            state=answer["state"],
            quote=answer["evidence"],
            source=sources.get(answer["activity"]),
            icon=ACTIVITY_ICONS.get(getattr(sources.get(answer["activity"]), "kind", ""), ""),
            by=answer["by"],
            verdict="doubt" if answer["criterion"] in request.doubted else "",
        )
        for answer in request.answers
    ]
