"""Who sees which record, compared with the rule written out in the plainest way."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from people.reach import Action, ReachLevel
from tests.factories import AccountFactory, ContactFactory, LeadFactory, OpportunityFactory
from tests.people.companies import TYPES, companies, found, may

ACTIONS = (Action.VIEW, Action.EDIT, Action.ASSIGN)
EVERY_LEVEL = st.fixed_dictionaries(
    {(type_, action): st.sampled_from(ReachLevel.values) for type_ in TYPES for action in ACTIONS}
)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
# About sixty cases an example: ten thousand together.
@settings(max_examples=160)
@given(company=companies(EVERY_LEVEL))
def test_everybody_sees_exactly_what_the_rule_says(company):
    with transaction.atomic():
        users, _, records = found(company)
        for place, user in enumerate(users):
            for action in ACTIONS:
                visible = {
                    (model, pk)
                    for model in {type(record) for record in records}
                    for pk in model.objects.visible_to(user, action).values_list("pk", flat=True)
                }
                for thing, record in zip(company.things, records, strict=True):
                    seen = (type(record), record.pk) in visible
                    assert seen == may(company, place, action, thing), (place, action, thing)
        transaction.set_rollback(True)


@pytest.mark.django_db
def test_whoever_is_not_signed_in_sees_nothing(rita):
    for record in (
        LeadFactory(owner=rita),
        AccountFactory(owner=rita),
        ContactFactory(owner=rita),
        OpportunityFactory(owner=rita),
    ):
        assert not type(record).objects.visible_to(AnonymousUser()).exists()


@pytest.mark.django_db
def test_an_action_nobody_has_heard_of_is_nobodys(ada):
    LeadFactory(owner=ada)
    assert not LeadFactory._meta.model.objects.visible_to(ada, "launch").exists()
