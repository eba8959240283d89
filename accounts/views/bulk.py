"""Giving many records to another owner, each on its own, with a result for each."""

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from accounts.forms import OwnerForm
from activities.undoing import say_done, way_back
from crm.attempts import attempt
from crm.errors import require
from crm.http import Request, own_address, render_page
from crm.text import key_of
from people.reach import Action

MOST_AT_ONCE = 200


class Assignable(Protocol):
    """What a kind of record has that many of it can be given away."""

    @property
    def model(self) -> Any: ...
    @property
    def noun(self) -> str: ...
    @property
    def plural(self) -> str: ...
    @property
    def assign(self) -> Callable[..., Any]: ...
    @property
    def list_url(self) -> str: ...
    @property
    def bulk_url(self) -> str: ...


@require_http_methods(["GET", "POST"])
def record_bulk(request: Request, kind: Assignable) -> HttpResponse:
    """Assign the records that are ticked; tells which of them could not be."""
    require(request.user.can(kind.model.record_type, Action.ASSIGN))
    sent = request.POST if request.method == "POST" else request.GET
    wanted = [pk for pk in map(key_of, sent.getlist("record")) if pk]
    records = list(
        kind.model.objects.visible_to(request.user).for_list().filter(pk__in=wanted[:MOST_AT_ONCE])
    )
    posted = request.POST if request.method == "POST" else None
    form = OwnerForm(posted, user=request.user, initial={"owner": request.user.pk})
    back = own_address(request, sent.get("back", ""), default=kind.list_url)
    context = {"kind": kind, "records": records, "form": form, "back": back}
    if form.is_valid() and records:
        owner = form.cleaned_data["owner"]
        results = [
            attempt(
                record,
                partial(kind.assign, **{kind.noun: record}, to=owner, actor=request.user),
            )
            for record in records
        ]
        refused = [result for result in results if result.problem]
        among = kind.model.objects.visible_to(request.user, Action.ASSIGN)
        if not refused:
            many = f"{len(results)} {kind.noun if len(results) == 1 else kind.plural}"
            say_done(request, f"{many} assigned to {owner}.", among=among, address=back)
            return redirect(back)
        undo = way_back(request, among=among, address=back)
        context |= {"results": results, "refused": refused, "undo": undo}
    status = 422 if form.errors else 200
    return render_page(request, "accounts/bulk.html", context, partial="dialog", status=status)
