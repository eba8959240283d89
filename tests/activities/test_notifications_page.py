"""The page of one's notifications, and what it marks read."""

import pytest
from django.urls import reverse

from activities.events import record
from activities.models import Notification
from activities.queries import unread_notifications
from activities.services import log_activity
from leads.models import LeadMember
from tests.activities.conftest import page
from tests.factories import EventFactory, LeadFactory, NotificationFactory, OpportunityFactory

pytestmark = pytest.mark.django_db


def test_notifications_are_grouped_by_record_and_read_group_by_group(browse, leo, nadia, deal):
    other = OpportunityFactory(account__owner=leo)
    for about in (deal, other, deal):
        record("opportunity.assigned", actor=nadia, opportunity=about, notify=[leo])
    client = browse(leo)
    groups = client.get(reverse("activities:notifications")).context["groups"]
    assert [(group["name"], len(group["rows"])) for group in groups] == [
        (deal.name, 2),
        (other.name, 1),
    ]
    assert unread_notifications(leo).count() == 3
    client.post(reverse("activities:read"), {"id": groups[0]["unread"]})
    assert unread_notifications(leo).count() == 1
    client.post(reverse("activities:read"))
    assert unread_notifications(leo).count() == 0


def test_looking_marks_nothing_read(browse, leo, deal):
    NotificationFactory(user=leo, event=EventFactory(opportunity=deal))
    page(browse(leo), reverse("activities:notifications"))
    assert unread_notifications(leo).count() == 1


def test_nobody_reads_for_somebody_else(browse, leo, soren, deal):
    notification = NotificationFactory(user=leo, event=EventFactory(opportunity=deal))
    browse(soren).post(reverse("activities:read"), {"id": [notification.pk]})
    assert Notification.objects.get().read_at is None


def test_what_one_may_not_see_any_more_is_neither_shown_nor_counted(browse, leo):
    lead = LeadFactory(last_name="Secret")
    membership = LeadMember.objects.create(record=lead, user=leo)
    NotificationFactory(user=leo, event=EventFactory(lead=lead))
    address = reverse("activities:notifications")
    assert browse(leo).get(address).context["navigation"].counts["activities:notifications"] == 1
    membership.delete()
    response = browse(leo).get(address)
    assert response.context["navigation"].counts["activities:notifications"] == 0
    assert "Secret" not in response.content.decode()


def test_a_notification_about_no_record_is_shown(browse, leo, ada):
    log_activity(kind="task", actor=ada, owner=leo, fields={"subject": "Call"})
    assert "gave you a task: Call" in page(browse(leo), reverse("activities:notifications"))
    assert unread_notifications(leo).count() == 1


def test_whoever_is_named_reads_where(browse, leo, deal, ada):
    log_activity(kind="note", actor=ada, fields={"body": "@leo look"}, opportunity=deal)
    assert "named you in a note" in page(browse(leo), reverse("activities:notifications"))


def test_notifications_cost_the_same_for_one_as_for_twenty(
    browse, leo, nadia, django_assert_num_queries, django_assert_max_num_queries
):
    client, address = browse(leo), reverse("activities:notifications")

    def fill(count):
        for _ in range(count):
            deal = OpportunityFactory(account__owner=leo)
            changes = {"owner": [nadia.pk, leo.pk]}
            record(
                "opportunity.assigned",
                actor=nadia,
                opportunity=deal,
                notify=[leo],
                changes=changes,
            )

    fill(1)
    # session, user, reach, notifications, names, and the counts of the sidebar
    with django_assert_max_num_queries(9) as one:
        client.get(address)
    fill(19)
    with django_assert_num_queries(len(one)):
        client.get(address)
