import pytest
from django.core.exceptions import ValidationError

from leads.cleaning import EDITABLE, KEY_FIELDS, clean_fields, salvage
from leads.models import Lead
from leads.services import create_lead
from opportunities.models import Product

KEPT_BY_SERVICES = {
    "id",
    "owner",
    "queue",
    "status",
    "status_kind",
    "disqualified_reason",
    "wake_up_on",
    "handoff_state",
    "score",
    "score_explanation",
    "assigned_at",
    "first_response_at",
    "last_activity_at",
    "converted_at",
    "converted_by",
    "converted_account",
    "converted_contact",
    "converted_opportunity",
    "reengaged_from",
    "search_text",
    "created_at",
    "created_by",
    "updated_at",
    "updated_by",
    "deleted_at",
    "version",
    *KEY_FIELDS,
}


def test_every_field_of_a_lead_is_editable_or_kept_by_a_service():
    fields = {field.name for field in Lead._meta.get_fields() if not field.auto_created}
    fields.add("id")
    assert fields - EDITABLE == KEPT_BY_SERVICES


@pytest.mark.parametrize(
    ("name", "typed", "kept"),
    [
        ("email", " Zoë@Müller.de ".replace("ë", "e"), "zoe@xn--mller-kva.de"),
        ("phone", " 001-307-937-7505x123 ", "001-307-937-7505x123"),
        ("mobile", "+49 171 1234567 (only mornings)", "+49 171 1234567 (only mornings)"),
        ("website", "Halcyon.com/about us".replace(" ", "-"), "Halcyon.com/about-us"),
        ("website", "http://localhost.localdomain:8080/x?y=1#z", None),
        ("currency", "usd", "USD"),
        ("last_name", "O'Neill\n\tJr.", "O'Neill Jr."),
        ("description", "a\r\nb\rc", "a\nb\nc"),
        ("rating", None, ""),
        ("employees", None, None),
    ],
)
def test_text_is_kept_as_people_mean_it(name, typed, kept):
    assert clean_fields({name: typed}) == {name: typed if kept is None and typed else kept}


def test_a_name_that_is_no_field_is_a_mistake_of_ours():
    with pytest.raises(KeyError):
        clean_fields({"score": 100})


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_quantity_is_more_than_nothing(quantity):
    with pytest.raises(ValidationError):
        clean_fields({"products": [(Product(pk=1), quantity)]})


def test_a_product_is_named_once():
    with pytest.raises(ValidationError):
        clean_fields({"products": [Product(pk=1), Product(pk=1)]})


@pytest.mark.django_db
def test_an_import_loses_nothing_that_cannot_be_a_field(rita, needed):
    row = needed | {
        "email": "zoe at halcyon",
        "phone": "front desk",
        "employees": "about 50",
        "city": "Köln",
        "title": "x" * 121,
        "imported_values": {"Lifecycle": "MQL"},
    }
    lead = create_lead(actor=rita, fields=salvage(row))
    lead.refresh_from_db()
    assert (lead.email, lead.phone, lead.employees, lead.title) == ("", "", None, "")
    assert lead.city == "Köln"
    assert lead.imported_values == {
        "Lifecycle": "MQL",
        "email": "zoe at halcyon",
        "phone": "front desk",
        "employees": "about 50",
        "title": "x" * 121,
    }


@pytest.mark.django_db
def test_a_row_without_a_last_name_is_refused_all_the_same(rita, needed):
    with pytest.raises(ValidationError) as error:
        create_lead(actor=rita, fields=salvage(needed | {"last_name": " "}))
    assert set(error.value.message_dict) == {"last_name"}
