"""Every component in every state, on one page: what designs are checked against."""

import datetime
from decimal import Decimal

from django import forms
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from crm.chips import Chip
from crm.http import Request


class ExampleForm(forms.Form):
    """One field of each sort."""

    name = forms.CharField()
    close_date = forms.DateField()
    amount = forms.DecimalField(required=False, help_text="In euros. 48k is read as 48,000.")
    stage = forms.ChoiceField(choices=[("1", "Discovery"), ("2", "Evaluation"), ("3", "Proposal")])
    owner = forms.ChoiceField(choices=[("", ""), ("7", "Leo Haddad"), ("8", "Mia Sato")])
    account = forms.ChoiceField(
        choices=[
            ("create", "Create new"),
            ("existing", "Use existing"),
            ("none", "Don't create"),
        ],
        widget=forms.RadioSelect,
        initial="existing",
    )
    channels = forms.MultipleChoiceField(
        choices=[("app", "In the app"), ("mail", "By mail")],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    do_not_call = forms.BooleanField(required=False, help_text="Hides the number from lists.")
    note = forms.CharField(widget=forms.Textarea(attrs={"data-draft": "styleguide"}))


@require_GET
def styleguide(request: Request) -> HttpResponse:
    """The page of parts."""
    now = timezone.now()
    answers = {
        "name": "",
        "close_date": "31 Feb 2027",
        "stage": "2",
        "account": "create",
        "note": "x",
    }
    context = {
        "form": ExampleForm(prefix="new"),
        "wrong_form": ExampleForm(answers, prefix=""),
        "kinds": [
            ("new", "New"),
            ("working", "Working"),
            ("nurturing", "Nurturing"),
            ("qualified", "Qualified"),
            ("requested", "Awaiting approval"),
            ("rejected", "Sent back"),
            ("disqualified", "Disqualified"),
        ],
        "people": [
            (key, name)
            for key, name in enumerate(
                [
                    "Dana Whitfield",
                    "Ingrid Sørensen",
                    "Ana Kovač",
                    "Leo Haddad",
                    "Mia Sato",
                ]
            )
        ],
        "steps": [
            {"name": "Discovery", "state": "done", "detail": "9 d"},
            {"name": "Evaluation", "state": "done", "detail": "12 d"},
            {"name": "Proposal", "state": "now", "detail": "6 d"},
            {"name": "Negotiation", "state": ""},
            {"name": "Closed", "state": ""},
        ],
        "costly": Chip("Score", "≥", "90", ""),
        "without_it": (12, False),
        "undo": {"at": "#", "fields": [("status", 3)]},
        "scores": [94, 61, 38],
        "moments": [
            now,
            now - datetime.timedelta(minutes=35),
            now - datetime.timedelta(days=3),
            now + datetime.timedelta(hours=2),
            now - datetime.timedelta(days=400),
        ],
        "days": [
            timezone.localdate() - datetime.timedelta(days=2),
            timezone.localdate(),
            timezone.localdate() + datetime.timedelta(days=40),
        ],
        "whole": Decimal("48000.00"),
        "broken": Decimal("1160000.50"),
    }
    return render(request, "styleguide.html", context)
