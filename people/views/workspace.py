"""What holds for the whole company, as an administrator keeps it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from crm.access import needs
from crm.form_errors import add_service_errors
from crm.http import Request
from people import services
from people.forms import WorkspaceForm
from people.models import Workspace
from people.reach import Action, RecordType


@needs(RecordType.SETTINGS, Action.EDIT)
@require_http_methods(["GET", "POST"])
def workspace(request: Request) -> HttpResponse:
    form = WorkspaceForm(
        request.POST if request.method == "POST" else None, instance=Workspace.load()
    )
    if form.is_valid():
        try:
            services.update_workspace(changes=form.cleaned_data, actor=request.user)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, "The workspace is saved.")
            return redirect("settings:workspace")
    return render(
        request, "settings/workspace.html", {"form": form}, status=422 if form.errors else 200
    )
