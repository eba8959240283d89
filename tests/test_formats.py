"""How money, moments, numbers and names are written."""

import datetime
from decimal import Decimal

import lucide
import pytest
import time_machine
from django import forms
from django.db.models.fields import BLANK_CHOICE_DASH
from django.template import Context, Template
from django.utils import timezone, translation

from crm.templatetags import relay
from people.models import Team

NOON = datetime.datetime(2026, 11, 22, 12, 0, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def at_noon():
    with time_machine.travel(NOON, tick=False), translation.override("en-us"):
        yield


def render(template, **context):
    return Template("{% load relay %}" + template).render(Context(context))


def test_an_icon_is_silent_unless_it_has_a_label():
    assert 'aria-hidden="true"' in render('{% icon "check" %}')
    labeled = render('{% icon "check" label=label %}', label='"Saved" & <b>')
    assert 'role="img"' in labeled
    assert "&lt;b&gt;" in labeled


def test_an_unknown_icon_raises():
    with pytest.raises(lucide.IconDoesNotExist):
        render('{% icon "filter-x" %}')


@pytest.mark.parametrize(
    ("locale", "amount", "currency", "written"),
    [
        ("en-us", "48000.00", "USD", "$48,000"),
        ("en-us", "48000.50", "USD", "$48,000.50"),
        ("en-us", "0", "JPY", "¥0"),
        ("en-us", "-120.10", "EUR", "-€120.10"),
        ("de", "48000.50", "EUR", "48.000,50\xa0€"),
        ("de", "48000", "EUR", "48.000\xa0€"),
    ],
)
def test_money_follows_the_reader_and_shows_cents_only_where_there_are_some(
    locale, amount, currency, written
):
    with translation.override(locale):
        assert relay.money(Decimal(amount), currency) == written


def test_no_amount_is_no_text():
    assert relay.money(None, "EUR") == relay.money_short(None, "EUR") == ""


@pytest.mark.parametrize(
    ("amount", "written"),
    [
        ("5", "$5"),
        ("999.5", "$999.5"),
        ("28500", "$28.5K"),
        ("414500", "$415K"),
        ("999999", "$1M"),
        ("1160000", "$1.16M"),
    ],
)
def test_money_at_a_glance_has_three_digits(amount, written):
    assert relay.money_short(Decimal(amount), "USD") == written


@pytest.mark.parametrize(
    ("number", "written"), [(0, "0"), (1284, "1,284"), (9999, "9,999"), (48123, "48K")]
)
def test_counts_are_short_from_ten_thousand_on(number, written):
    assert relay.count_short(number) == written


@pytest.mark.parametrize(
    ("distance", "written"),
    [
        (datetime.timedelta(seconds=-20), "just now"),
        (datetime.timedelta(minutes=-35), "35m ago"),
        (datetime.timedelta(hours=2), "in 2h"),
        (datetime.timedelta(days=-6), "6d ago"),
        (datetime.timedelta(days=-7), "Nov 15"),
        (datetime.timedelta(days=-400), "Oct 18, 2025"),
    ],
)
def test_moments_are_relative_for_a_week(distance, written):
    assert relay.ago(NOON + distance) == written


def test_what_is_late_says_by_how_much():
    assert relay.late_by(NOON - datetime.timedelta(days=4)) == "4d"


def test_times_are_on_the_clock_of_the_reader():
    with timezone.override("Asia/Tokyo"):
        assert relay.clock(NOON) == "9:00\u202fPM"
        assert relay.exact(NOON) == "Nov 22, 2026, 9:00\u202fPM"


def test_a_time_element_says_the_exact_moment():
    html = render("{% moment at=at %}", at=NOON)
    assert 'datetime="2026-11-22T12:00:00Z"' in html
    assert ">just now</time>" in html


def test_days_near_today_have_names():
    today = datetime.date(2026, 11, 22)
    days = [today + datetime.timedelta(days=distance) for distance in (-1, 0, 1, 2)]
    assert [relay.day_near(day) for day in days] == [
        "Yesterday",
        "Today",
        "Tomorrow",
        "Nov 24",
    ]


def test_today_is_the_readers_and_is_not_over():
    with timezone.override("Pacific/Auckland"):
        assert relay.day_near(datetime.date(2026, 11, 23)) == "Today"
        assert not relay.is_past(datetime.date(2026, 11, 23))
        assert relay.is_past(datetime.date(2026, 11, 22))


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Dana Whitfield", "DW"),
        ("Ingrid Maria Sørensen", "IS"),
        ("Øystein", "Ø"),
        ("", ""),
        (None, ""),
    ],
)
def test_initials(name, letters):
    assert relay.initials(name) == letters


def test_the_same_record_always_has_the_same_color():
    assert {relay.hue(key) for key in range(100)} == set(range(8))
    assert relay.hue(11) == relay.hue(11)


def test_phone_numbers_are_written_for_people():
    assert relay.phone("+15125550199") == "+1 512-555-0199"
    assert relay.phone("ask at the desk") == "ask at the desk"


@pytest.mark.parametrize(
    ("score", "band"), [(None, "cold"), (49, "cold"), (50, "warm"), (75, "hot")]
)
def test_heat(score, band):
    assert relay.heat(score) == band


class PersonForm(forms.Form):
    name = forms.CharField(help_text="As on the card.")
    city = forms.CharField(required=False)
    agreed = forms.BooleanField(required=False)
    size = forms.ChoiceField(choices=[("s", "Small"), ("l", "Large")], widget=forms.RadioSelect)


def test_a_field_row_ties_label_help_and_error_to_its_input():
    html = str(PersonForm({"name": ""})["name"].as_field_group())
    assert '<label for="id_name">' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html


def test_optional_is_marked_and_required_is_not():
    form = PersonForm()
    assert "optional" in str(form["city"].as_field_group())
    assert "optional" not in str(form["name"].as_field_group())


def test_a_tick_box_has_its_label_after_it():
    html = str(PersonForm()["agreed"].as_field_group())
    assert html.index("<input") < html.index("<label")


def test_a_choice_is_a_fieldset_with_a_legend():
    html = str(PersonForm()["size"].as_field_group())
    assert "<fieldset" in html
    assert "<legend" in html


def test_what_people_typed_is_escaped_when_it_comes_back():
    form = PersonForm({"name": '"><script>', "size": "<b>"})
    assert "<script>" not in str(form)
    assert "<b>" not in str(form)


def test_demo_sign_ins_are_offered_in_a_demo_only(settings):
    settings.DEMO = False
    assert relay.demo_sign_ins() == []
    settings.DEMO = True
    assert [person["email"] for person in relay.demo_sign_ins()] == [
        "sdr@example.com",
        "ae@example.com",
        "manager@example.com",
        "admin@example.com",
    ]


class Choices(forms.Form):
    """One empty choice of each sort."""

    rating = forms.ChoiceField(choices=[*BLANK_CHOICE_DASH, ("hot", "Hot")], required=False)
    must = forms.ChoiceField(choices=[*BLANK_CHOICE_DASH, ("hot", "Hot")])
    team = forms.ModelChoiceField(Team.objects.none(), required=False)
    reason = forms.ModelChoiceField(Team.objects.none(), empty_label="Choose a reason")


@pytest.mark.parametrize(
    ("name", "words"),
    [("rating", "None"), ("must", "Choose"), ("team", "None"), ("reason", "Choose a reason")],
)
def test_an_empty_choice_says_what_it_means(name, words):
    shown = str(relay.control(Choices()[name]))
    assert f">{words}</option>" in shown
    assert "---" not in shown
