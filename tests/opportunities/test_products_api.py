"""What the API of the price list promises."""

import pytest
from rest_framework.test import APIClient

from activities.models import Event
from integrations.services import create_token
from leads.models import ProductInterest
from opportunities.models import Product
from opportunities.services import set_line_items
from tests.answers import ids, pointers
from tests.factories import LeadFactory, ProductFactory

pytestmark = pytest.mark.django_db

PRODUCTS = "/api/v1/products/"


@pytest.fixture
def seats(db):
    return ProductFactory(name="Team plan", unit_price="1080")


def address(product):
    return f"{PRODUCTS}{product.pk}/"


def tag(product):
    product.refresh_from_db()
    return {"HTTP_IF_MATCH": f'"{product.pk}-{product.version}"'}


def verbs():
    return set(Event.objects.filter(verb__startswith="product.").values_list("verb", flat=True))


# --- Making and changing


def test_a_product_is_made_and_read_with_its_version(api, ada, rita):
    body = {"name": "Team plan", "unit_price": {"amount": "1080.00", "currency": "EUR"}}
    made = api(ada).post(PRODUCTS, body)
    assert (made.status_code, made.json()["version"]) == (201, 1)
    read = api(rita).get(made["Location"])
    assert read.json() == made.json()
    assert read["ETag"] == made["ETag"] == f'"{made.json()["id"]}-1"'
    again = api(rita).get(made["Location"], HTTP_IF_NONE_MATCH=made["ETag"])
    assert again.status_code == 304


def test_a_name_is_given_once(api, ada, seats):
    answer = api(ada).post(PRODUCTS, {"name": "TEAM PLAN"})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["detail"] == "There is a product of this name already."
    assert Product.objects.count() == 1


def test_a_change_needs_the_version_it_is_meant_for(api, ada, seats):
    client, current = api(ada), tag(seats)
    assert client.patch(address(seats), {"code": "T"}).status_code == 428
    changed = client.patch(address(seats), {"code": "T"}, **current)
    assert (changed.status_code, changed["ETag"]) == (200, tag(seats)["HTTP_IF_MATCH"])
    assert client.patch(address(seats), {"code": "U"}, **current).status_code == 412
    assert client.patch(address(seats), {"is_active": False}, HTTP_IF_MATCH="*").status_code == 200
    seats.refresh_from_db()
    assert (seats.code, seats.is_active, seats.version) == ("T", False, 3)
    assert verbs() == {"product.edited"}


def test_a_change_that_changes_nothing_keeps_the_version(api, ada, seats):
    assert api(ada).patch(address(seats), {"name": "Team plan"}, **tag(seats)).status_code == 200
    seats.refresh_from_db()
    assert (seats.version, verbs()) == (1, set())


def test_only_who_may_change_the_settings_keeps_products(api, leo, seats):
    answers = [
        api(leo).post(PRODUCTS, {"name": "Mine"}),
        api(leo).patch(address(seats), {"name": "Mine"}, **tag(seats)),
        api(leo).delete(address(seats), **tag(seats)),
    ]
    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert Product.objects.live().get().name == "Team plan"


def test_a_product_keeps_its_price_in_deals_that_have_it(api, deal, leo, ada, seats):
    set_line_items(opportunity=deal, items=[{"product": seats}], actor=leo)
    price = {"unit_price": {"amount": "1200.00", "currency": "EUR"}}
    assert api(ada).patch(address(seats), price, **tag(seats)).status_code == 200
    assert deal.line_items.get().unit_price == 1080


# --- Deleting


def test_a_deleted_product_is_hidden_and_its_name_is_free(api, ada, seats):
    assert api(ada).delete(address(seats), **tag(seats)).status_code == 204
    assert api(ada).get(address(seats)).status_code == 404
    assert ids(api(ada).get(PRODUCTS)) == []
    seats.refresh_from_db()
    assert (seats.name, seats.version, seats.deleted_at is None) == ("Team plan", 2, False)
    assert verbs() == {"product.deleted"}
    assert api(ada).post(PRODUCTS, {"name": "Team plan"}).status_code == 201


def test_a_deleted_product_is_in_no_page_of_the_settings(api, browse, ada, seats):
    api(ada).delete(address(seats), **tag(seats))
    assert "Team plan" not in browse(ada).get("/settings/products/").text
    assert browse(ada).get(f"/settings/products/{seats.pk}/").status_code == 404


def test_a_deletion_needs_the_version_it_is_meant_for(api, ada, seats):
    before = tag(seats)
    assert api(ada).delete(address(seats)).status_code == 428
    api(ada).patch(address(seats), {"code": "T"}, **before)
    assert api(ada).delete(address(seats), **before).status_code == 412
    assert Product.objects.live().exists()


def test_a_product_of_a_deal_is_not_deleted(api, deal, leo, ada, seats):
    set_line_items(opportunity=deal, items=[{"product": seats}], actor=leo)
    answer = api(ada).delete(address(seats), **tag(seats))
    assert (answer.status_code, answer.json()["code"]) == (409, "entry_in_use")
    assert Product.objects.live().exists()


def test_a_product_that_a_lead_asked_about_is_not_deleted(api, ada, seats):
    ProductInterest.objects.create(lead=LeadFactory(), product=seats)
    answer = api(ada).delete(address(seats), **tag(seats))
    assert (answer.status_code, answer.json()["code"]) == (409, "entry_in_use")
    assert Product.objects.live().exists()


def test_a_deleted_product_is_put_into_no_deal_and_no_lead(api, deal, ada, leo, seats):
    api(ada).delete(address(seats), **tag(seats))
    answer = api(leo).post(
        f"/api/v1/opportunities/{deal.pk}/line-items/", {"items": [{"product": seats.pk}]}
    )
    assert (answer.status_code, pointers(answer)) == (400, {"#/items/0/product"})
    lead = LeadFactory(owner=ada)
    answer = api(ada).patch(
        f"/api/v1/leads/{lead.pk}/", {"products": [{"product": seats.pk}]}, HTTP_IF_MATCH="*"
    )
    assert (answer.status_code, pointers(answer)) == (400, {"#/products/0/product"})


# --- Many at once


def test_in_bulk_each_row_stands_for_itself(api, ada, seats):
    gone = ProductFactory()
    api(ada).delete(address(gone), **tag(gone))
    rows = [
        {"name": "Onboarding"},
        {"id": seats.pk, "code": "T"},
        {"id": seats.pk, "version": 1, "code": "U"},
        {"name": "onboarding"},
        {"code": "No name"},
        {"id": gone.pk, "code": "G"},
    ]
    results = api(ada).post(f"{PRODUCTS}bulk/", {"rows": rows}).json()["results"]
    assert [result["status"] for result in results] == [201, 200, 412, 422, 400, 404]
    assert results[1] == {"row": 1, "status": 200, "id": seats.pk, "version": 2}
    seats.refresh_from_db()
    assert seats.code == "T"
    assert Product.objects.live().count() == 2


def test_in_bulk_too_only_who_may_change_the_settings_keeps_products(api, leo, seats):
    rows = [{"name": "Mine"}, {"id": seats.pk, "name": "Mine"}]
    results = api(leo).post(f"{PRODUCTS}bulk/", {"rows": rows}).json()["results"]
    assert [result["status"] for result in results] == [403, 403]
    assert Product.objects.get().name == "Team plan"


def test_at_most_two_hundred_products_at_once(api, ada):
    rows = [{"name": f"Product {number}"} for number in range(201)]
    answer = api(ada).post(f"{PRODUCTS}bulk/", {"rows": rows})
    assert (answer.status_code, pointers(answer)) == (400, {"#/rows"})
    assert not Product.objects.exists()


@pytest.mark.parametrize(("scope", "status"), [("write", 403), ("admin", 200)])
def test_a_token_needs_the_scope_of_settings_for_many_products_too(ada, scope, status):
    _, secret = create_token(user=ada, name="Prices", scopes=[scope], actor=ada)
    client = APIClient(headers={"authorization": f"Bearer {secret}"})
    rows = {"rows": [{"name": "Onboarding"}]}
    answer = client.post(f"{PRODUCTS}bulk/", rows, format="json")
    assert (answer.status_code, Product.objects.exists()) == (status, status == 200)
