"""Odd text through every field of the lead form, and back on the lead's pages."""

from unicodedata import normalize

import pytest
from django.db.models import CharField, TextField
from django.urls import reverse
from django.utils.html import escape

from accounts.models import LeadSource
from leads.forms import LeadForm
from leads.models import Lead
from tests.odd_text import ODD_TEXTS

pytestmark = pytest.mark.django_db

# What has a form of its own, as a phone number, refuses most of it.
WITH_A_FORM = ("currency", "mobile", "phone", "website")
LENGTHS = {
    field.name: field.max_length
    for field in Lead._meta.concrete_fields
    if field.name in LeadForm.Meta.fields
    and type(field) in (CharField, TextField)
    and not field.choices
    and field.name not in WITH_A_FORM
}


@pytest.mark.parametrize("text", ODD_TEXTS.values(), ids=ODD_TEXTS)
def test_odd_text_comes_back_from_the_form_as_it_went_in(browse, rita, text):
    typed = {name: text[:length].strip() for name, length in LENGTHS.items()}
    source = LeadSource.objects.active()[0]
    form = typed | {"source": source.pk, "owner": rita.pk}
    answer = browse(rita).post(reverse("leads:create"), form)
    assert answer.status_code == 302, answer.context["form"].errors
    lead = Lead.objects.get()
    assert {name: getattr(lead, name) for name in LENGTHS} == {
        name: normalize("NFC", value) for name, value in typed.items()
    }
    for name in ("detail", "edit"):
        page = browse(rita).get(reverse(f"leads:{name}", args=[lead.pk])).content.decode()
        assert escape(lead.last_name) in page
        assert "<script>alert" not in page


@pytest.mark.parametrize("name", [name for name, length in LENGTHS.items() if length])
def test_what_is_too_long_is_told_and_kept(browse, rita, name):
    text = "x" * (LENGTHS[name] + 1)
    source = LeadSource.objects.active()[0]
    form = {"last_name": "Whitfield", "source": source.pk, "owner": rita.pk, name: text}
    answer = browse(rita).post(reverse("leads:create"), form)
    assert answer.status_code == 422
    assert list(answer.context["form"].errors) == [name]
    assert text in answer.content.decode()
    assert not Lead.objects.exists()
