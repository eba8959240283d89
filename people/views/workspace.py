"""What holds for the whole company, as an administrator keeps it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from crm.access import needs
from crm.conflict import answers_to, posted_shown, render_changed, shown_on
from crm.form_errors import add_service_errors
from crm.http import Request
from crm.shown import ChangedMeanwhile
from people import services
from people.forms import WorkspaceForm
from people.models import Workspace
from people.reach import Action, RecordType
from people.services.workspace import shown_workspace


@needs(RecordType.SETTINGS, Action.EDIT)
@require_http_methods(["GET", "POST"])
def workspace(request: Request) -> HttpResponse:
    shown_as = shown_on(request, shown_workspace(Workspace.load()))

    def fill(answers: QueryDict | None = None) -> WorkspaceForm:
        return WorkspaceForm(answers, instance=Workspace.load())

    form = fill(answers_to(request, fill))
    if form.is_valid():
        try:
            services.update_workspace(
                changes=form.cleaned_data, actor=request.user, shown=posted_shown(request)
            )
        except ChangedMeanwhile as error:
            return render_changed(request, error, form, fill(), noun="workspace")
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, "The workspace is saved.")
            return redirect("settings:workspace")
    context = {"form": form, "shown_as": shown_as}
    return render(request, "settings/workspace.html", context, status=422 if form.errors else 200)
