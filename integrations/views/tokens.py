"""One's own API tokens: see them, make one, take one away."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from crm.errors import require
from crm.form_errors import add_service_errors
from crm.http import Request
from integrations.forms import TokenForm
from integrations.models import ApiToken
from integrations.services import create_token_by_form, revoke_token, was_revoked

ALREADY_SHOWN = "The token was shown once. Without a copy of it, revoke it and make another."


@require_http_methods(["GET", "POST"])
def tokens(request: Request) -> HttpResponse:
    """
    The list, with a form for a new one.

    The answer to the form shows the secret, this once: it is kept nowhere, so there is no
    other page to lead to. Loading the answer again sends the form again, which makes nothing.
    """
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_valid():
        try:
            made = create_token_by_form(user=request.user, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            if made is None:
                messages.warning(request, ALREADY_SHOWN)
                return redirect("integrations:tokens")
            _, secret = made
            form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.filter(user=request.user).for_list(),
    }
    return render(request, "integrations/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: Request, pk: int) -> HttpResponse:
    """Make a token useless; one that somebody has revoked meanwhile is so already."""
    token = ApiToken.objects.visible_to(request.user).filter(pk=pk).first()
    try:
        require(token is not None)
        revoke_token(token=token, actor=request.user)
    except PermissionDenied:
        if not was_revoked(pk, request.user):
            raise Http404 from None
        messages.info(request, "That token was revoked before, and does not work any more.")
    else:
        messages.success(request, f"{token.name} does not work any more.")
    return redirect("integrations:tokens")
