"""A currency that does not exist is refused wherever an amount is told, and its field named."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts.models import Account, LeadSource
from crm.fields import validate_currency
from leads.models import Lead
from opportunities.models import Opportunity, Product, Stage
from people.models import Workspace
from tests.factories import AccountFactory
from tests.integrations.import_files import HEADER, problems, row_of, run, upload

pytestmark = pytest.mark.django_db

WRONG = ["XXQ", "EURO", "€", "EU", "XXX", "XTS", "usd ", "\u0395\u03a5R"]


@pytest.mark.parametrize("code", ["EUR", "USD", "JPY", "DEM"])
def test_what_is_or_was_a_currency_is_one(code):
    validate_currency(code)


@pytest.mark.parametrize("code", [*WRONG, "eur", "", None, 978, ["EUR"], {"EUR": 1}])
def test_nothing_else_is_one(code):
    with pytest.raises(ValidationError, match="such as EUR"):
        validate_currency(code)


PAGES = {
    "leads:create": {"last_name": "Kovač", "annual_revenue": "1000"},
    "accounts:create": {"name": "Halcyon", "type": "prospect", "annual_revenue": "1000"},
    "opportunities:create": {"name": "Deal", "type": "new", "amount": "1000"},
    "opportunities:product_create": {"name": "Seat", "unit_price": "1"},
    "settings:workspace": {"name": "Relay", "region": "US"},
}


@pytest.mark.parametrize(("name", "typed"), PAGES.items(), ids=PAGES)
def test_a_page_names_the_field(browse, ada, name, typed):
    needed = {
        "account": AccountFactory(owner=ada).pk,
        "owner": ada.pk,
        "source": LeadSource.objects.active()[0].pk,
        "stage": Stage.objects.in_order()[0].pk,
    }
    answer = browse(ada).post(reverse(name), {**needed, **typed, "currency": "XXQ"})
    assert answer.status_code == 422
    assert "currency" in answer.context["form"].errors
    assert not any(each.objects.exists() for each in (Lead, Opportunity, Product))
    assert Account.objects.count() == 1
    assert Workspace.load().currency == "EUR"


API = {
    "account": ("annual_revenue", {"name": "Halcyon"}),
    "lead": ("annual_revenue", {"last_name": "Kovač"}),
    "opportunity": ("amount", {"name": "Deal"}),
    "product": ("unit_price", {"name": "Seat"}),
}


@pytest.mark.parametrize("code", [*WRONG, None, 978, ["EUR"]])
@pytest.mark.parametrize(("name", "told"), API.items(), ids=API)
def test_the_api_points_at_it(api, ada, name, told, code):
    money, body = told
    body = body | {money: {"amount": "1000.00", "currency": code}}
    answer = api(ada).post(reverse(f"api:{name}-list"), body)
    assert answer.status_code == 400
    pointers = {error["pointer"] for error in answer.json()["errors"]}
    assert f"#/{money}/currency" in pointers


def test_an_import_leaves_the_row_out_and_says_why(ada):
    columns = [*HEADER, "Annual Revenue", "Currency"]
    rows = [
        row_of(number, **{"Annual Revenue": "1000", "Currency": code})
        for number, code in enumerate(("EUR", "XXQ", "usd"), 1)
    ]
    batch = run(upload(ada, rows, columns=columns))
    assert set(Lead.objects.values_list("currency", flat=True)) == {"EUR", "USD"}
    assert list(problems(batch)) == [3]
