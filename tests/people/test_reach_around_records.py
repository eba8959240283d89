"""
Who sees what stands around the records, compared with the rule in the plainest way.

Activities and their files, events, queues, imports, conversion requests and conversions, for
every person and every action.
"""

import os
from dataclasses import dataclass, field

import pytest
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import LeadSource
from activities.models import Activity, Attachment, Event
from conversion.models import Conversion, ConversionRequest, Mode, Outcome
from integrations.models import Import
from leads.models import Path, Queue
from people.reach import Action, ReachLevel, RecordType
from tests.factories import AccountFactory, ActivityFactory, ContactFactory, EventFactory
from tests.people.companies import TYPES, Company, companies, covers, found, may, within

# Some hundred cases each; `make proof` looks at more.
WORLDS = int(os.environ.get("RELAY_PROOF_WORLDS", "40"))
ROLE_TYPES = (
    *TYPES,
    RecordType.ACTIVITY,
    RecordType.REQUEST,
    RecordType.CONVERSION,
    RecordType.IMPORT,
)


@dataclass
class Row:
    """A row by the places of its people, and of the records it is about."""

    people: dict[str, int | None]
    about: dict[str, int] = field(default_factory=dict)
    is_deleted: bool = False


@dataclass
class World:
    """A company, and what stands around its records; receipts by the lead they are of."""

    company: Company
    activities: list[Row]
    events: list[Row]
    imports: list[Row]
    requests: list[Row]
    receipts: list[Row]


@st.composite
def levels(draw):
    """One level for all records, one for what stands around them, and some others."""
    level = st.sampled_from(ReachLevel.values)
    records, around = draw(level), draw(level)
    usual = {
        (str(type_), str(action)): records if type_ in TYPES else around
        for type_ in ROLE_TYPES
        for action in Action
    }
    others = st.dictionaries(st.sampled_from(list(usual)), level, max_size=len(usual) // 3)
    return usual | draw(others)


@st.composite
def worlds(draw):
    company = draw(companies(levels()))
    person = st.integers(0, len(company.persons) - 1)
    nobody = st.none() | person
    places = {
        type_: [place for place, thing in enumerate(company.things) if thing.type == type_]
        for type_ in TYPES
    }
    about = st.fixed_dictionaries(
        {}, optional={name: st.sampled_from(found) for name, found in places.items() if found}
    )
    deleted = st.sampled_from([False, False, False, True])

    def rows(most, about=about, **people):
        row = st.builds(Row, st.fixed_dictionaries(people), about, deleted)
        return draw(st.lists(row, max_size=most))

    leads = {"lead": st.sampled_from(places["lead"])} if places["lead"] else {}
    one_lead = st.fixed_dictionaries(leads)
    requests = rows(3, one_lead, requester=person, approver=person) if leads else []
    parts = {"sourced_by": nobody, "requested_by": nobody, "approved_by": nobody}
    receipts = rows(3, one_lead, converted_by=person, **parts) if leads else []
    return World(
        company=company,
        activities=rows(5, owner=person, created_by=person),
        events=rows(4, actor=nobody),
        imports=rows(2, st.just({}), created_by=person),
        # Nobody decides their own, and a lead has one open request and one receipt.
        requests=once_per_lead(
            row for row in requests if row.people["requester"] != row.people["approver"]
        ),
        receipts=once_per_lead(receipts),
    )


def once_per_lead(rows):
    return list({row.about["lead"]: row for row in rows}.values())


# --- The rule, in the plainest way


def sees_a_record(company, place, row):
    return any(
        may(company, place, Action.VIEW, company.things[thing]) for thing in row.about.values()
    )


def level_of(company, place, type_, action):
    """What somebody's role grants; who has left has nothing any more."""
    person = company.persons[place]
    return person.levels[type_, action] if person.is_active else ReachLevel.NONE


def may_with_activity(company, place, action, row):
    """Seen: about a record one sees, or of somebody in reach. To be changed: the latter, too."""
    to_view = level_of(company, place, "activity", Action.VIEW)
    level = level_of(company, place, "activity", action)
    if row.is_deleted or ReachLevel.NONE in (to_view, level):
        return False

    def belongs(level):
        wrote_it = row.people["created_by"] == place
        return wrote_it or within(company, place, level, row.people["owner"])

    return (sees_a_record(company, place, row) or belongs(to_view)) and (
        action == Action.VIEW or belongs(level)
    )


def may_with_event(company, place, action, row):
    """The log is only read: what happened to records one sees, and what one did."""
    if not company.persons[place].is_active or action != Action.VIEW:
        return False
    if all(level_of(company, place, type_, action) == ReachLevel.ALL for type_ in TYPES):
        return True
    return row.people["actor"] == place or sees_a_record(company, place, row)


def may_with_queue(company, place, action, queue):
    """Its members, and those whose reach for leads covers its team."""
    level = level_of(company, place, "lead", action)
    if level in (ReachLevel.NONE, ReachLevel.ALL):
        return level == ReachLevel.ALL
    team, members = queue
    return place in members or covers(company, company.persons[place], level, team)


def may_with_import(company, place, action, row):
    level = level_of(company, place, "import", action)
    return within(company, place, level, row.people["created_by"])


def may_with_request(company, place, action, row):
    """Both sides know of it; deciding it is for the approver's side alone."""
    level = level_of(company, place, "request", action)
    sides = ["approver"] if action == Action.DECIDE else ["approver", "requester"]
    return any(within(company, place, level, row.people[side]) for side in sides)


def may_with_receipt(company, place, action, row):
    """Those who had a part in it, those above them, and those who see the lead."""
    level = level_of(company, place, "conversion", action)
    if level == ReachLevel.NONE:
        return False
    parts = [other for other in row.people.values() if other is not None]
    return (
        level == ReachLevel.ALL
        or any(within(company, place, level, other) for other in parts)
        or sees_a_record(company, place, row)
    )


# --- The same world in the database


def found_around(world):
    """The persons; then model, rows, their descriptions, and the rule for them."""
    company = world.company
    users, queues, records = found(company)

    def made(make, rows):
        return [make(row, **people_of(row), **records_of(row)) for row in rows]

    def people_of(row):
        return {name: None if at is None else users[at] for name, at in row.people.items()}

    def records_of(row):
        return {name: records[at] for name, at in row.about.items()}

    activities = made(an_activity, world.activities)
    files = [
        Attachment.objects.create(activity=activity, file="f", name="f", size=1)
        for activity in activities
    ]
    return users, [
        (Activity, activities, world.activities, may_with_activity),
        (Attachment, files, world.activities, may_with_activity),
        (Event, made(an_event, world.events), world.events, may_with_event),
        (Queue, queues, company.queues, may_with_queue),
        (Import, made(an_import, world.imports), world.imports, may_with_import),
        (
            ConversionRequest,
            made(a_request, world.requests),
            world.requests,
            may_with_request,
        ),
        (Conversion, made(a_receipt, world.receipts), world.receipts, may_with_receipt),
    ]


def an_activity(row, **fields):
    return ActivityFactory(deleted_at="2026-11-20T10:00Z" if row.is_deleted else None, **fields)


def an_event(row, **fields):
    return EventFactory(**fields)


def an_import(row, created_by):
    return Import.objects.create(
        created_by=created_by,
        file_name="leads.csv",
        columns=["Name"],
        row_count=1,
        source=LeadSource.objects.active()[0],
    )


def a_request(row, **fields):
    return ConversionRequest.objects.create(
        path=Path.objects.first(), plan={}, due_at="2026-12-01T12:00Z", **fields
    )


def a_receipt(row, **fields):
    """A receipt by itself: what it says of its lead is asked at COMMIT, which never comes."""
    account = AccountFactory()
    return Conversion.objects.create(
        account=account,
        contact=ContactFactory(account=account),
        account_outcome=Outcome.CREATED,
        contact_outcome=Outcome.CREATED,
        opportunity_outcome=Outcome.NONE,
        mode=Mode.DIRECT,
        plan={},
        effects={},
        lead_snapshot={},
        **fields,
    )


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@settings(max_examples=WORLDS)
@given(world=worlds())
def test_everybody_sees_exactly_what_the_rule_says(world):
    with transaction.atomic():
        users, lists = found_around(world)
        for place, user in enumerate(users):
            for model, rows, described, rule in lists:
                for action in Action:
                    visible = set(
                        model.objects.visible_to(user, action).values_list("pk", flat=True)
                    )
                    for row, description in zip(rows, described, strict=True):
                        expected = rule(world.company, place, action, description)
                        assert (row.pk in visible) == expected, (
                            model.__name__, place, str(action), description,
                        )  # fmt: skip
        transaction.set_rollback(True)
