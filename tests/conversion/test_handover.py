import pytest
from django.core.exceptions import ValidationError

from conversion.services import convert_lead, resubmit, send_back
from leads.models import Lead
from people.services import deactivate_user
from tests.conversion.conftest import plan_of


@pytest.mark.django_db(transaction=True)
def test_a_converted_lead_gets_another_owner_and_stays_as_it_is(lead, leo, ines, ada):
    conversion = convert_lead(lead=lead, plan=plan_of(), actor=leo)
    before = Lead.objects.get(pk=lead.pk)
    counts = deactivate_user(user=leo, actor=ada, to=ines)
    assert counts == {"lead": 1, "account": 1, "contact": 1, "opportunity": 1}
    after = Lead.objects.get(pk=lead.pk)
    assert (after.owner, after.converted_at) == (ines, before.converted_at)
    conversion.refresh_from_db()
    assert conversion.converted_by == leo


@pytest.fixture
def sent_back(asked, leo):
    return send_back(request=asked, actor=leo, message="What budget?")


def test_what_was_sent_back_is_answered_by_whoever_takes_over(sent_back, rita, nadia, ada):
    counts = deactivate_user(user=rita, actor=ada, to=nadia)
    assert counts == {"lead": 1, "request": 1}
    sent_back.refresh_from_db()
    assert (sent_back.requester, sent_back.state) == (nadia, "sent_back")
    step = sent_back.transitions.latest("pk")
    assert (step.action, step.actor, step.facts) == (
        "hand_over", ada, {"from": rita.pk, "to": nadia.pk},
    )  # fmt: skip
    again = resubmit(request=sent_back, actor=nadia, plan=plan_of(), message="50k")
    assert again.state == "pending"


def test_an_approver_cannot_take_over_what_they_sent_back(sent_back, rita, leo, ada):
    with pytest.raises(ValidationError, match="cannot answer it"):
        deactivate_user(user=rita, actor=ada, to=leo)
    sent_back.refresh_from_db()
    assert sent_back.requester == rita
