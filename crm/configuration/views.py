"""The pages of every list of configuration."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import models
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from crm.access import needs
from crm.configuration import services
from crm.configuration.catalog import Catalog
from crm.configuration.uses import uses_of
from crm.conflict import answers_to, posted_shown, render_changed, shown_on
from crm.form_errors import add_service_errors
from crm.http import Request
from crm.model_forms import leave_rules_to_service
from crm.shown import ChangedMeanwhile
from people.reach import Action, RecordType

editors_only = needs(RecordType.SETTINGS, Action.EDIT)

# What a button of a list or form asks for, and what is said afterwards.
ACTS: dict[str, tuple[Callable[..., Any], str]] = {
    "retire": (services.retire_entry, "{} is retired. What has it keeps it."),
    "restore": (services.restore_entry, "{} can be chosen again."),
    "delete": (services.delete_entry, "{} is deleted."),
    "up": (partial(services.move_entry, up=True), ""),
    "down": (partial(services.move_entry, up=False), ""),
}


@editors_only
@require_GET
def entry_list(request: Request, catalog: Catalog) -> HttpResponse:
    context = {"section": section(catalog, catalog.entries()), "catalog": catalog}
    return render(request, "settings/entries.html", context)


@editors_only
@require_http_methods(["GET", "POST"])
def entry_create(request: Request, catalog: Catalog, parent: int | None = None) -> HttpResponse:
    above = get_object_or_404(parent_model(catalog), pk=parent) if catalog.parent else None
    answers = request.POST if request.method == "POST" else None
    form = build_form(catalog, new_entry(catalog, above), answers)
    if form.is_valid():
        try:
            entry = services.create_entry(
                catalog=catalog, fields=form.cleaned_data, actor=request.user, parent=above
            )
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{entry} is new.")
            return redirect(where_it_is(catalog, entry))
    return render_form(request, catalog, form, above=above)


@editors_only
@require_http_methods(["GET", "POST"])
def entry_edit(request: Request, catalog: Catalog, pk: int) -> HttpResponse:
    entry = get_object_or_404(catalog.model, pk=pk)
    shown_as = shown_on(request, services.shown_entry(catalog, entry))

    def fill(answers: QueryDict | None = None) -> forms.ModelForm:
        # A model form writes into the instance it is given; the page goes on showing what is.
        return build_form(catalog, get_object_or_404(catalog.model, pk=pk), answers)

    form = fill(answers_to(request, fill))
    if form.is_valid():
        try:
            entry = services.update_entry(
                catalog=catalog,
                entry=entry,
                changes=form.cleaned_data,
                actor=request.user,
                shown=posted_shown(request),
            )
        except ChangedMeanwhile as error:
            return render_changed(request, error, form, fill(), noun=catalog.noun)
        except ValidationError as error:
            add_service_errors(form, error)
        else:
            messages.success(request, f"{entry} is saved.")
            return redirect(where_it_is(catalog, entry))
    return render_form(request, catalog, form, entry=entry, shown_as=shown_as)


@editors_only
@require_POST
def entry_act(request: Request, catalog: Catalog, pk: int, act: str) -> HttpResponse:
    if act not in catalog.acts:
        raise Http404
    entry = get_object_or_404(catalog.model, pk=pk)
    name, place = str(entry), list_address(catalog, entry)
    service, said = ACTS[act]
    service(catalog=catalog, entry=entry, actor=request.user)
    if said:
        messages.success(request, said.format(name))
    return redirect(place)


def addresses(catalog: Catalog) -> list[URLPattern]:
    """The URL patterns of a list and of the lists below its entries."""
    extra, key = {"catalog": catalog}, catalog.key
    new = f"{key}/<int:parent>/new/" if catalog.parent else f"{key}/new/"
    patterns = [
        path(new, entry_create, extra, name=f"{key}_create"),
        path(f"{key}/<int:pk>/", entry_edit, extra, name=f"{key}_edit"),
        path(f"{key}/<int:pk>/<slug:act>/", entry_act, extra, name=f"{key}_act"),
    ]
    if not catalog.parent:
        patterns.insert(0, path(f"{key}/", entry_list, extra, name=key))
    for child in catalog.children:
        patterns += addresses(child)
    return patterns


def section(
    catalog: Catalog, entries: models.QuerySet, parent: models.Model | None = None
) -> dict[str, Any]:
    """One list as a page shows it: rows with what they say and what uses them."""
    shown = list(entries)
    uses = uses_of(catalog, shown)
    rows = [
        {
            "entry": entry,
            "cells": [(column, column.get(entry)) for column in catalog.columns],
            "uses": uses[entry.pk],
            "without_uses": catalog.used_by(entry) or "Not used yet",
            "url": reverse(f"{catalog.url_name}_edit", args=[entry.pk]),
            "up": act_address(catalog, entry, "up"),
            "down": act_address(catalog, entry, "down"),
        }
        for entry in shown
    ]
    create = reverse(f"{catalog.url_name}_create", args=[parent.pk] if parent else [])
    return {"catalog": catalog, "rows": rows, "create_url": create}


def build_form(catalog: Catalog, entry: models.Model, answers: QueryDict | None) -> forms.ModelForm:
    initial = {}
    if entry.pk:
        initial = {name: link.read(entry) for name, link in catalog.links.items()}
    form = catalog.form(answers, instance=entry, initial=initial)
    leave_rules_to_service(form)
    return form


def new_entry(catalog: Catalog, above: models.Model | None) -> models.Model:
    return catalog.model(**{catalog.parent: above} if catalog.parent else {})


def parent_model(catalog: Catalog) -> Any:
    return catalog.model._meta.get_field(catalog.parent).related_model


def render_form(
    request: Request,
    catalog: Catalog,
    form: forms.ModelForm,
    *,
    entry: models.Model | None = None,
    above: models.Model | None = None,
    shown_as: str = "",
) -> HttpResponse:
    if entry is not None and catalog.parent:
        above = getattr(entry, catalog.parent)
    context = {
        "catalog": catalog,
        "form": form,
        "entry": entry,
        "above": above,
        "shown_as": shown_as,
    }
    if above is not None:
        context["up_url"], context["up"] = address_of(above, catalog), str(above)
    else:
        context["up_url"], context["up"] = reverse(catalog.url_name), catalog.title
    if entry is not None:
        context["uses"] = uses_of(catalog, [entry])[entry.pk]
        context["acts"] = {name: act_address(catalog, entry, name) for name in ACTS}
        context["sections"] = [
            section(child, child.entries().filter(**{child.parent: entry}), entry)
            for child in catalog.children
        ]
    return render(request, "settings/entry.html", context, status=422 if form.errors else 200)


def act_address(catalog: Catalog, entry: models.Model, act: str) -> str:
    return reverse(f"{catalog.url_name}_act", args=[entry.pk, act])


def list_address(catalog: Catalog, entry: models.Model) -> str:
    """The page on which an entry is listed: its catalog's, or its parent's."""
    if not catalog.parent:
        return reverse(catalog.url_name)
    return address_of(getattr(entry, catalog.parent), catalog)


def where_it_is(catalog: Catalog, entry: models.Model) -> str:
    """Where to go on after a save: to what is below the entry, or back to the list."""
    if catalog.children:
        return reverse(f"{catalog.url_name}_edit", args=[entry.pk])
    return list_address(catalog, entry)


def address_of(parent: models.Model, child: Catalog) -> str:
    """The page of the entry above a list."""
    return reverse(f"settings:{child.parent_key}_edit", args=[parent.pk])
