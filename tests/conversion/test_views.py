import pytest
from django.urls import reverse

from conversion.services import convert_lead, submit_request
from tests.conversion.conftest import confirm, plan_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def asked(ritas_lead, rita, leo):
    """Rita's request that Leo accept Dana."""
    return submit_request(
        lead=ritas_lead,
        path=confirm(ritas_lead, rita),
        plan=plan_of(),
        actor=rita,
        approver=leo,
        message="She wants a plan by Tuesday.",
    )


def page(client, name, *args, **query):
    return client.get(reverse(f"conversion:{name}", args=args), query)


def test_a_receipt_tells_what_was_made_and_by_whom(lead, leo, browse):
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    answer = page(browse(leo), "receipt", conversion.pk)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "Dana Whitfield is converted" in text
    assert "Halcyon Robotics - New business" in text
    assert text.count(">Created<") == 3


def test_the_approver_reads_the_request_with_its_evidence(asked, leo, browse):
    text = page(browse(leo), "request", asked.pk).content.decode()
    assert "She wants a plan by Tuesday." in text
    assert "said so on the phone" in text
    assert "Approve and convert" in text


def test_the_inbox_opens_the_request_that_is_due_first(asked, leo, browse):
    text = page(browse(leo), "approvals").content.decode()
    assert "1 waiting for you" in text
    assert "She wants a plan by Tuesday." in text


def shown(answer):
    """The fields of the conversion screen as a browser would send them."""
    form = answer.context["form"]
    fields = {name: form[name].value() for name in form.fields}
    draft = answer.context["draft"]
    return {
        **{name: value for name, value in fields.items() if value not in (None, "", False)},
        "key": answer.context.get("key", ""),
        "preview_token": draft.token,
        "shown": draft.shown_json,
    }


def test_a_clean_lead_is_converted_by_one_button(lead, leo, browse):
    client, url = browse(leo), reverse("conversion:convert", args=[lead.pk])
    fields = shown(client.get(url))
    answer = client.post(url, fields | {"do": "convert"})
    lead.refresh_from_db()
    assert answer.status_code == 302
    assert answer.url == lead.conversion.get_absolute_url()


def test_an_sdr_requests_a_conversion_in_one_step(ritas_lead, rita, leo, browse):
    path = confirm(ritas_lead, rita)
    client, url = browse(rita), reverse("conversion:submit", args=[ritas_lead.pk])
    assert client.get(url).status_code == 200
    fields = shown(client.get(url)) | {"path": path.pk, "approver": leo.pk, "do": "submit"}
    answer = client.post(url, fields | {"message": "Ready."})
    asked = ritas_lead.conversion_requests.get()
    assert (answer.status_code, answer.url) == (302, asked.get_absolute_url())
    assert (asked.approver, asked.message, asked.state) == (leo, "Ready.", "pending")
