"""Counts of lists that stay the same all day: their SQL is kept, their rows are not."""

import pytest
from django.utils import timezone

from crm.counts import daily_counts
from leads.models import Lead
from people.models import Team, User
from tests.factories import LeadFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def lists():
    """Makes lists of leads by their last name, and remembers which."""

    def make(name):
        make.made.append(name)
        return Lead.objects.filter(last_name=name)

    make.made = []
    return make


def test_rows_are_counted_afresh_although_lists_are_made_once(rita, lists):
    names = ("Brandt", "Keller")
    LeadFactory(last_name="Brandt")
    assert daily_counts(rita, "leads", names, lists) == {"Brandt": (1, False), "Keller": (0, False)}
    LeadFactory.create_batch(2, last_name="Keller")
    assert daily_counts(rita, "leads", names, lists) == {"Brandt": (1, False), "Keller": (2, False)}
    assert lists.made == ["Brandt", "Keller"]


def test_what_is_counted_besides_is_asked_each_time(rita, lists):
    LeadFactory(last_name="Brandt")
    everybody = {"people": User.objects.filter(pk=rita.pk)}
    counts = daily_counts(rita, "leads", ("Brandt",), lists, besides=everybody)
    assert counts == {"Brandt": (1, False), "people": (1, False)}
    assert daily_counts(rita, "leads", ("Brandt",), lists) == {"Brandt": (1, False)}


def test_who_reaches_further_now_is_asked_for_anew(rita, lists):
    daily_counts(rita, "leads", ("Brandt",), lists)
    User.objects.filter(pk=rita.pk).update(team=Team.objects.create(name="Elsewhere"))
    rita.refresh_from_db()
    daily_counts(rita, "leads", ("Brandt",), lists)
    assert lists.made == ["Brandt", "Brandt"]


def test_lists_of_the_same_names_are_told_apart(rita, lists):
    daily_counts(rita, "leads", ("Brandt",), lists)
    daily_counts(rita, "others", ("Brandt",), lists)
    assert lists.made == ["Brandt", "Brandt"]


def test_another_day_is_asked_for_anew(rita, lists):
    daily_counts(rita, "leads", ("Brandt",), lists)
    for zone in ("Pacific/Kiritimati", "Pacific/Pago_Pago"):
        with timezone.override(zone):
            daily_counts(rita, "leads", ("Brandt",), lists)
    assert lists.made == ["Brandt"] * 3
