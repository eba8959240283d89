"""One timeline: what people did and what changed, in the order of time, in words."""

import ast
import datetime as dt
from pathlib import Path

import pytest
from django.utils import timezone

from activities.events import record
from activities.models import ActivityKind, Event
from activities.services import log_activity
from activities.timeline import CHANGES, KINDS, PAGE_SIZE, timeline
from activities.verbs import PHRASES
from crm.keyset import InvalidCursor
from opportunities.models import Stage
from tests.factories import ActivityFactory, EventFactory, OpportunityFactory

ROOT = Path(__file__).resolve().parent.parent.parent
APPS = (
    "people", "activities", "accounts", "opportunities", "leads", "conversion", "reporting",
    "integrations", "crm",
)  # fmt: skip
NOON = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)


@pytest.fixture
def deal(leo):
    return OpportunityFactory(account__owner=leo, currency="USD")


def entries(record, user, **options):
    page = timeline(record, user, **options)
    return [entry for day in page.days for entry in day.entries]


def said(record, user, **options):
    return [f"{entry.who} {entry.text}" for entry in entries(record, user, **options)]


def plain(text):
    return text.replace("<b>", "").replace("</b>", "").split("<span")[0].strip()


# --- Words ---


def verbs_written(path):
    """Every first argument of a call of `record(...)`, as far as it is written there."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") != "record":
            continue
        if node.args and isinstance(node.args[0], ast.Constant):
            yield node.args[0].value


def verb_like(path):
    """Every text that looks like a verb of the log, for verbs that travel in a variable."""
    nouns = {verb.partition(".")[0] for verb in PHRASES}
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            noun, dot, act = node.value.partition(".")
            if dot and noun in nouns and act.isidentifier() and act.split("_")[-1].endswith("ed"):
                yield node.value


def test_every_verb_that_is_written_anywhere_has_a_phrase():
    paths = [
        path
        for app in APPS
        for path in (ROOT / app).rglob("*.py")
        if "migrations" not in path.parts and path.name != "verbs.py"
    ]
    written = {verb for path in paths for verb in (*verbs_written(path), *verb_like(path))}
    assert len(written) > 20
    assert written - set(PHRASES) == set()


def test_one_changed_field_is_told_with_before_and_after(leo, deal):
    record(
        "opportunity.edited",
        actor=leo,
        opportunity=deal,
        changes={"close_date": ["2025-12-05", "2025-12-12"]},
    )
    (sentence,) = said(deal, leo)
    assert "changed close date Dec 5, 2025" in sentence
    assert "<b>Dec 12, 2025</b>" in sentence


def test_a_first_value_is_set_and_a_last_one_cleared(leo, deal):
    for at, change in enumerate(([None, "Send quote"], ["Send quote", ""])):
        EventFactory(
            verb="opportunity.edited",
            actor=leo,
            opportunity=deal,
            changes={"next_step": change},
            at=NOON + dt.timedelta(days=at),
        )
    assert said(deal, leo) == [
        "Leo Haddad cleared next step, which was Send quote",
        "Leo Haddad set next step to <b>Send quote</b>",
    ]


def test_ids_are_told_as_names_and_money_in_its_currency(leo, rita, deal):
    first, second = Stage.objects.in_order()[:2]
    record(
        "opportunity.stage_changed",
        actor=leo,
        opportunity=deal,
        changes={
            "stage": [first.pk, second.pk],
            "amount": ["48000.00", "52000.50"],
            "owner": [leo.pk, rita.pk],
            "probability_overridden": [False, True],
        },
    )
    (entry,) = entries(deal, leo)
    assert {change.label: (change.old, change.new) for change in entry.changes} == {
        "Stage": (first.name, second.name),
        "Amount": ("$48,000", "$52,000.50"),
        "Owner": ("Leo Haddad", "Rita Ono"),
    }
    assert entry.text == "moved this opportunity to another stage"


def test_what_the_reader_may_not_see_is_not_named(rita, leo, soren, lead):
    hidden = OpportunityFactory(name="Secret deal")
    EventFactory(verb="opportunity.created", actor=leo, opportunity=hidden, lead=lead)
    EventFactory(
        verb="lead.edited",
        actor=leo,
        lead=lead,
        changes={"partner_account": [None, hidden.account_id]},
        at=NOON,
    )
    told = " ".join(said(lead, rita))
    assert "Secret deal" not in told
    assert hidden.account.name not in told
    assert "created an opportunity" in told


def test_another_visible_record_is_named_with_its_page(leo, deal):
    record("opportunity.won", actor=leo, opportunity=deal, account=deal.account)
    (sentence,) = said(deal.account, leo)
    assert sentence.startswith("Leo Haddad won the opportunity ")
    assert deal.name in sentence


def test_what_people_wrote_is_never_markup(rita, lead):
    attack = "<script>alert(1)</script>"
    record("lead.edited", actor=rita, lead=lead, changes={"title": ["", attack]}, note=attack)
    log_activity(kind="call", actor=rita, fields={"subject": attack}, lead=lead)
    assert not any("<script>" in sentence for sentence in said(lead, rita))


def test_what_nobody_did_was_done_by_relay(rita, lead):
    record("lead.edited", actor=None, lead=lead, changes={"rating": ["", "hot"]})
    assert said(lead, rita) == ["Relay set rating to <b>Hot</b>"]


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"kind": "note"}, "wrote a note"),
        ({"kind": "call"}, "called"),
        (
            {"kind": "call", "duration_seconds": 1560, "outcome": "connected"},
            "called, 26 min: connected",
        ),
        ({"kind": "call", "direction": "inbound"}, "took a call"),
        ({"kind": "email", "subject": "Quote"}, "sent an email: <b>Quote</b>"),
        ({"kind": "email", "direction": "inbound"}, "received an email"),
        ({"kind": "meeting", "at": NOON}, "had a meeting"),
        ({"kind": "meeting", "at": NOON.replace(year=2099)}, "has a meeting"),
        ({"kind": "task"}, "has a task"),
        ({"kind": "task", "done_at": NOON}, "did a task"),
        ({"kind": "file"}, "added a file"),
    ],
)
def test_each_kind_of_activity_has_its_words(rita, lead, fields, text):
    ActivityFactory(owner=rita, lead=lead, **fields)
    assert said(lead, rita) == [f"Rita Ono {text}"]


# --- Order, days, folding, kinds, pages ---


def test_activities_and_events_are_merged_by_time(rita, lead):
    for hour, make in enumerate((EventFactory, ActivityFactory, EventFactory, ActivityFactory)):
        options = {"owner": rita} if make is ActivityFactory else {"verb": "lead.created"}
        make(lead=lead, at=NOON + dt.timedelta(hours=hour), **options)
    assert [entry.kind for entry in entries(lead, rita)] == ["note", CHANGES, "note", CHANGES]


def test_what_was_logged_stands_there_once(rita, lead):
    log_activity(kind="note", actor=rita, fields={"body": "Hello"}, lead=lead)
    assert said(lead, rita) == ["Rita Ono wrote a note"]


def test_days_are_those_of_the_readers_clock(rita, lead):
    ActivityFactory(owner=rita, lead=lead, at=dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC))
    with timezone.override("Asia/Tokyo"):
        assert timeline(lead, rita).days[0].date == dt.date(2026, 11, 21)
    assert timeline(lead, rita).days[0].date == dt.date(2026, 11, 20)


def test_edits_in_a_row_by_one_person_become_one_entry(rita, nadia, lead):
    def edit(actor, minutes, **changes):
        EventFactory(
            verb="lead.edited",
            actor=actor,
            lead=lead,
            changes=changes,
            at=NOON + dt.timedelta(minutes=minutes),
        )

    edit(rita, 1, title=["", "CFO"])
    edit(rita, 2, company=["Acme", "Acme Ltd"])
    edit(nadia, 3, rating=["", "hot"])
    edit(rita, 4, industry=["", "Robots"])
    found = entries(lead, rita)
    assert [f"{each.who} {each.text}" for each in found] == [
        "Rita Ono set industry to <b>Robots</b>",
        "Nadia Berg set rating to <b>Hot</b>",
        "Rita Ono made 2 changes",
    ]
    assert [plain(part.text) for part in found[2].parts] == [
        "changed company Acme",
        "set title to CFO",
    ]


def test_other_events_are_never_folded_away(rita, lead):
    for minutes, verb in enumerate(("lead.edited", "lead.assigned", "lead.edited")):
        EventFactory(verb=verb, actor=rita, lead=lead, at=NOON + dt.timedelta(minutes=minutes))
    assert len(entries(lead, rita)) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_one_kind_at_a_time(rita, lead, kind):
    for each in ActivityKind.values:
        ActivityFactory(owner=rita, lead=lead, kind=each)
    EventFactory(verb="lead.created", lead=lead)
    assert [entry.kind for entry in entries(lead, rita, kinds=[kind])] == [kind]


def test_pages_follow_each_other_without_gap_or_repeat_even_at_one_moment(rita, lead):
    for _ in range(PAGE_SIZE):
        ActivityFactory(owner=rita, lead=lead, at=NOON)
        EventFactory(verb="lead.created", lead=lead, at=NOON)
    ActivityFactory(owner=rita, lead=lead, at=NOON - dt.timedelta(days=1))
    seen, cursor = [], None
    while True:
        page = timeline(lead, rita, cursor=cursor)
        seen += [
            entry.activity.pk if entry.activity else None
            for day in page.days
            for entry in day.entries
        ]
        if (cursor := page.next) is None:
            break
    activities = [pk for pk in seen if pk]
    assert len(activities) == len(set(activities)) == PAGE_SIZE + 1
    assert len(seen) == 2 * PAGE_SIZE + 1


def test_a_cursor_that_is_not_ours_is_refused(rita, lead):
    with pytest.raises(InvalidCursor):
        timeline(lead, rita, cursor="bm90LW91cnM")


def test_a_page_costs_four_queries_however_full_it_is(rita, leo, lead, django_assert_num_queries):
    def fill(count):
        for _ in range(count):
            ActivityFactory(owner=rita, lead=lead)
            EventFactory(
                verb="lead.edited", actor=leo, lead=lead, changes={"owner": [leo.pk, rita.pk]}
            )

    rita.reach  # noqa: B018  # read once per request
    fill(1)
    with django_assert_num_queries(4):  # activities, files, events, names
        timeline(lead, rita)
    fill(40)
    with django_assert_num_queries(4):
        timeline(lead, rita)
    assert Event.objects.count() == 41
