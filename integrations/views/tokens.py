"""One's own API tokens: see them, make one, take one away."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from crm.form_errors import add_service_errors
from crm.http import Request, get_visible_or_404
from integrations.forms import TokenForm
from integrations.models import ApiToken
from integrations.services import create_token, revoke_token


@require_http_methods(["GET", "POST"])
def tokens(request: Request) -> HttpResponse:
    """
    The list, with a form for a new one.

    The answer to the form shows the secret, this once: it is kept nowhere, so there is no
    other page to lead to.
    """
    form = TokenForm(request.POST if request.method == "POST" else None)
    secret = ""
    if form.is_valid():
        try:
            _, secret = create_token(user=request.user, actor=request.user, **form.cleaned_data)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            form = TokenForm()
    context = {
        "form": form,
        "secret": secret,
        "tokens": ApiToken.objects.filter(user=request.user).for_list(),
    }
    return render(request, "integrations/tokens.html", context, status=422 if form.errors else 200)


@require_POST
def token_revoke(request: Request, pk: int) -> HttpResponse:
    token = get_visible_or_404(request, ApiToken.objects, pk=pk)
    name = token.name
    revoke_token(token=token, actor=request.user)
    messages.success(request, f"{name} does not work any more.")
    return redirect("integrations:tokens")
