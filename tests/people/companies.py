"""
Random companies, and the rule of who may do what in them, written out in the plainest way.

Random trees of teams, people, roles, queues and records. A person, a record, an action: that
is one case.
"""

from dataclasses import dataclass, field

from django.utils import timezone
from hypothesis import strategies as st

from leads.models import Queue
from people.models import Role, RolePermission, Team, User
from people.ownership import MemberKind
from people.reach import Action, ReachLevel
from tests.factories import (
    AccountFactory,
    ContactFactory,
    LeadFactory,
    OpportunityFactory,
    QueueFactory,
    TeamFactory,
    UserFactory,
)

TYPES = ("lead", "account", "contact", "opportunity")
MOST = 5


@dataclass
class Person:
    team: int | None
    is_active: bool
    levels: dict[tuple[str, str], str]


@dataclass
class Thing:
    """A record by the places of its people in the list of persons."""

    type: str
    owner: int
    members: dict[int, str] = field(default_factory=dict)
    is_deleted: bool = False
    queue: int | None = None


@dataclass
class Company:
    parents: list[int | None]
    persons: list[Person]
    queues: list[tuple[int | None, set[int]]]
    things: list[Thing]


@st.composite
def companies(draw, levels):
    """
    Teams below earlier ones or at the top, then whoever and whatever is in them.

    `levels` is a strategy for what a role grants: {(record type, action): level}.
    """
    parents = [
        draw(st.none() | st.integers(0, place - 1)) if place else None
        for place in range(draw(st.integers(1, MOST)))
    ]
    team = st.none() | st.integers(0, len(parents) - 1)
    persons = draw(
        st.lists(
            st.builds(Person, team, st.sampled_from([True, True, True, False]), levels),
            min_size=2,
            max_size=MOST,
        )
    )
    person = st.integers(0, len(persons) - 1)
    queues = draw(st.lists(st.tuples(team, st.sets(person, max_size=2)), min_size=1, max_size=3))
    things = draw(
        st.lists(
            st.builds(
                Thing,
                type=st.sampled_from(TYPES),
                owner=person,
                members=st.dictionaries(person, st.sampled_from(MemberKind.values), max_size=2),
                is_deleted=st.sampled_from([False, False, False, True]),
                queue=st.none() | st.integers(0, len(queues) - 1),
            ),
            min_size=4,
            max_size=8,
        )
    )
    return Company(parents, persons, queues, things)


# --- The rule, in the plainest way


def teams_above(company, team):
    """The team itself and all above it, nearest first."""
    while team is not None:
        yield team
        team = company.parents[team]


def covers(company, person, level, team):
    """Whether a level of a person covers those who are in a team."""
    if person.team is None or team is None:
        return False
    if level == ReachLevel.TEAM:
        return person.team == team
    return level == ReachLevel.SUBTREE and person.team in teams_above(company, team)


def within(company, place, level, other):
    """Whether a level of a person covers somebody: themselves, or who is in a team of theirs."""
    if level in (ReachLevel.NONE, ReachLevel.ALL):
        return level == ReachLevel.ALL
    person = company.persons[place]
    return other == place or covers(company, person, level, company.persons[other].team)


def may(company, place, action, thing):
    """Whether somebody may do something with a lead, account, contact or opportunity."""
    person = company.persons[place]
    level = person.levels[thing.type, action]
    if not person.is_active or thing.is_deleted or level == ReachLevel.NONE:
        return False
    if level == ReachLevel.ALL:
        return True
    if (kind := thing.members.get(place)) and (action == Action.VIEW or kind == MemberKind.MEMBER):
        return True
    if thing.type == "lead" and thing.queue is not None:
        team, members = company.queues[thing.queue]
        return place in members or covers(company, person, level, team)
    return within(company, place, level, thing.owner)


# --- The same company in the database


def found(company):
    """The persons, queues and records as rows, in the order of the company's lists."""
    teams: list[Team] = []
    for parent in company.parents:
        teams.append(TeamFactory(parent=None if parent is None else teams[parent]))
    users = [found_person(place, person, teams) for place, person in enumerate(company.persons)]
    queues = [
        QueueFactory(
            team=None if team is None else teams[team], members=[users[each] for each in members]
        )
        for team, members in company.queues
    ]
    return users, queues, [found_thing(thing, users, queues) for thing in company.things]


def found_person(place: int, person: Person, teams: list[Team]) -> User:
    role = Role.objects.create(key=f"role-{place}", name=f"Role {place}")
    RolePermission.objects.bulk_create(
        RolePermission(role=role, record_type=type_, action=action, level=level)
        for (type_, action), level in person.levels.items()
    )
    team = None if person.team is None else teams[person.team]
    return UserFactory(role=role, team=team, is_active=person.is_active)


def found_thing(thing: Thing, users: list[User], queues: list[Queue]):
    owner = users[thing.owner]
    options = {"owner": owner, "deleted_at": timezone.now() if thing.is_deleted else None}
    listed = None
    match thing.type:
        case "lead" if thing.queue is not None:
            record = LeadFactory(**options | {"owner": None, "queue": queues[thing.queue]})
        case "lead":
            record = LeadFactory(**options)
        case "account":
            record = AccountFactory(**options)
        case "contact":
            record = ContactFactory(**options)
            listed = record.account  # A contact has the team list of its account.
        case "opportunity":
            record = OpportunityFactory(**options)
    listed = listed or record
    listed.members.bulk_create(
        listed.member_model(record=listed, user=users[place], kind=kind)
        for place, kind in thing.members.items()
    )
    return record
