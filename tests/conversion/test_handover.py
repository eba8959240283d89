import pytest

from conversion.services import convert_lead
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
