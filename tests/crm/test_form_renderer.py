"""Inputs drawn without templates say what Django's own templates say."""

import datetime as dt

import pytest
from django import forms
from django.forms.renderers import DjangoTemplates
from pytest_django.asserts import assertHTMLEqual

from crm.form_renderer import DRAWN, FormRenderer

HOSTILE = """"><script>alert('&')</script>"""
CHOICES = [("", "None"), (HOSTILE, HOSTILE), (7, "Seven")]
GROUPS = [("", "None"), (HOSTILE, CHOICES[1:]), ("Other", [("8", "Eight")])]


class EveryInput(forms.Form):
    text = forms.CharField(initial=HOSTILE, max_length=20, help_text="Short.")
    words = forms.CharField(initial=HOSTILE, widget=forms.Textarea)
    nothing = forms.CharField(required=False, widget=forms.Textarea)
    email = forms.EmailField(widget=forms.EmailInput(attrs={"placeholder": HOSTILE}))
    secret = forms.CharField(widget=forms.PasswordInput)
    number = forms.IntegerField(initial=0, min_value=0)
    day = forms.DateField(initial=dt.date(2026, 2, 28))
    moment = forms.DateTimeField(initial=dt.datetime(2026, 2, 28, 12))
    hidden = forms.CharField(initial=HOSTILE, widget=forms.HiddenInput)
    file = forms.FileField(required=False, widget=forms.FileInput)
    tick = forms.BooleanField(initial=True)
    no_tick = forms.BooleanField(disabled=True)
    one = forms.ChoiceField(choices=CHOICES, initial=HOSTILE)
    grouped = forms.ChoiceField(choices=GROUPS, initial="8", required=False)
    many = forms.MultipleChoiceField(choices=CHOICES, initial=[7, HOSTILE])
    radio = forms.ChoiceField(choices=CHOICES, initial=7, widget=forms.RadioSelect)
    ticks = forms.MultipleChoiceField(choices=GROUPS, widget=forms.CheckboxSelectMultiple)


@pytest.mark.parametrize("name", EveryInput.base_fields)
def test_an_input_is_drawn_as_django_draws_it(name):
    ours, own = (
        EveryInput(renderer=FormRenderer())[name],
        EveryInput(renderer=DjangoTemplates())[name],
    )
    assertHTMLEqual(str(ours), str(own))


@pytest.mark.parametrize("name", ["radio", "ticks"])
def test_so_is_each_choice_by_itself(name):
    ours, own = (
        EveryInput(renderer=FormRenderer())[name],
        EveryInput(renderer=DjangoTemplates())[name],
    )
    for one, other in zip(ours, own, strict=True):
        assertHTMLEqual(one.tag(), other.tag())
        assertHTMLEqual(one.tag(wrap_label=True), other.tag(wrap_label=True))


def test_everything_drawn_has_a_template_in_django():
    assert all(DjangoTemplates().get_template(name) for name in DRAWN)


def test_only_errors_are_written_about():
    refused = EveryInput({}, renderer=FormRenderer())
    assert str(refused["nothing"].errors) == ""
    assert "This field is required." in str(refused["text"].errors)
