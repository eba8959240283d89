"""Small changes, each asked about first: owner, team list, deletion, many at once."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_POST

from accounts.forms import MemberForm, OwnerForm
from accounts.models import Account, AccountMember
from accounts.services import (
    add_account_member,
    remove_account_member,
)
from accounts.views.kinds import Kind
from activities.undoing import say_done
from crm.errors import DomainError, require
from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404, render_page
from people.ownership import allowed_actions
from people.reach import Action


@require_http_methods(["GET", "POST"])
def record_assign(request: Request, kind: Kind, pk: int) -> HttpResponse:
    """Whose the record is from now on."""
    record = get_visible_or_404(request, kind.model.objects.for_list(), pk=pk)
    require(Action.ASSIGN in allowed_actions(record, request.user, [Action.ASSIGN]))
    posted = request.POST if request.method == "POST" else None
    form = OwnerForm(posted, user=request.user, initial={"owner": record.owner_id})
    if form.is_valid():
        owner = form.cleaned_data["owner"]
        try:
            record = kind.assign(**{kind.noun: record}, to=owner, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            among = kind.model.objects.visible_to(request.user, Action.ASSIGN)
            say_done(request, f"{record} belongs to {owner} now.", among=among)
            return redirect(after_leaving(request, kind, record))
    return ask(
        request,
        title=f"Assign {record}",
        button=f"Assign {kind.noun}",
        form=form,
        back=record.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def record_delete(request: Request, kind: Kind, pk: int) -> HttpResponse:
    """Hide the record from everybody."""
    record = get_visible_or_404(request, kind.model.objects.for_list(), pk=pk)
    require(Action.DELETE in allowed_actions(record, request.user, [Action.DELETE]))
    problem = ""
    if request.method == "POST":
        try:
            kind.delete(**{kind.noun: record}, actor=request.user)
        except DomainError as error:
            problem = str(error)
        else:
            messages.success(request, f"{record} is deleted.")
            return redirect(kind.list_url)
    return ask(
        request,
        title=f"Delete {record}",
        button=f"Delete {kind.noun}",
        look="danger",
        text=f"Nobody will see this {kind.noun} any more. Its history is kept.",
        problem=problem,
        back=record.get_absolute_url(),
    )


@require_http_methods(["GET", "POST"])
def member_add(request: Request, pk: int) -> HttpResponse:
    """Put a colleague on an account's team list."""
    account = get_visible_or_404(request, Account.objects.all(), pk=pk)
    require(Action.ASSIGN in allowed_actions(account, request.user, [Action.ASSIGN]))
    posted = request.POST if request.method == "POST" else None
    form = MemberForm(posted, user=request.user, account=account)
    if form.is_valid():
        user = form.cleaned_data["user"]
        try:
            add_account_member(account=account, user=user, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{user} works on {account} too.")
            return redirect(account)
    return ask(
        request,
        title=f"Team of {account}",
        button="Add to the team",
        form=form,
        text="The account and its contacts will count as their own.",
        back=account.get_absolute_url(),
    )


@require_POST
def member_remove(request: Request, pk: int, member_pk: int) -> HttpResponse:
    """Take a colleague off an account's team list."""
    account = get_visible_or_404(request, Account.objects.all(), pk=pk)
    member = AccountMember.objects.filter(record=account, pk=member_pk).first()
    if member is not None:
        remove_account_member(account=account, user=member.user, actor=request.user)
        messages.success(request, f"{member.user} is off the team of {account}.")
    return redirect(after_leaving(request, None, account))


def ask(request: Request, **context: Any) -> HttpResponse:
    """A question before something is done: a dialog over the page, or a page of its own."""
    form = context.get("form")
    status = 422 if form is not None and form.errors else 409 if context.get("problem") else 200
    return render_page(request, "accounts/ask.html", context, partial="dialog", status=status)


def after_leaving(request: Request, kind: Kind | None, record: Any) -> str:
    """The record's page, or the list for somebody who has just put it out of their own sight."""
    if type(record).objects.visible_to(request.user).filter(pk=record.pk).exists():
        return record.get_absolute_url()
    return kind.list_url if kind else "/"
