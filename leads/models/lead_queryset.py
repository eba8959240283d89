"""Which leads a person reaches, and what lists need of them."""

from django.db import models
from django.db.models import Exists, F, Func, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from activities.models import Event
from leads.models.claim import LeadClaim
from leads.models.playbook import Answer, AnswerState, Criterion, Playbook, PlaybookSubject
from leads.models.queue import Queue, QueueMember
from leads.models.status import CLOSED_KINDS
from people.models import TeamClosure
from people.ownership import EqualsAny, OwnedQuerySet, ids_where

ROW = (
    "first_name", "last_name", "company", "status_kind", "handoff_state", "score", "next_step",
    "next_step_on", "created_at", "status__name", "owner__full_name",
    "queue__name",
)  # fmt: skip


def counted(rows):
    """How many rows a correlated queryset has, as a column."""
    every = Func(template="count(*)", output_field=models.IntegerField())
    return Subquery(rows.order_by().annotate(total=every).values("total"))


class LeadQuerySet(OwnedQuerySet):
    def within(self, reach, level, action):
        """Besides owned and shared leads: those waiting in the person's queues."""
        mine = ids_where("queue_id", QueueMember, user_id=[reach.user_id])
        condition = super().within(reach, level, action) | Q(EqualsAny(F("queue_id"), mine))
        if teams := reach.team_ids(level):
            theirs = ids_where("id", Queue, team_id=teams)
            condition |= Q(EqualsAny(F("queue_id"), theirs))
        return condition

    def open(self):
        return self.exclude(status_kind__in=CLOSED_KINDS)

    def free_for(self, user):
        """Without those that somebody else has opened to work them."""
        others = LeadClaim.objects.running().exclude(user=user)
        return self.exclude(Exists(others.filter(lead=OuterRef("pk"))))

    def with_activity(self):
        return self.filter(last_activity_at__isnull=False)

    def for_list(self):
        """Everything a list row or a serializer touches, in one query and a total order."""
        return self.select_related("owner", "queue", "status", "source").order_by(
            "-created_at", "-pk"
        )

    def for_rows(self):
        """
        What a row of the page of leads shows or is sorted by, in one query and a total order.

        A tenth of the columns: reading all of them takes as long as drawing the row.
        """
        return (
            self.select_related("owner", "queue", "status")
            .only(*ROW)
            .order_by("-created_at", "-pk")
        )

    def with_checks(self):
        """Adds `checks_done` of `checks_total`: how many criteria of the playbook are confirmed."""
        distance = TeamClosure.objects.filter(
            ancestor=OuterRef("team"), descendant=OuterRef(OuterRef("team_id"))
        )
        # The team's own or the nearest above it, else the default, as `playbook_of` finds it.
        usual = (
            Playbook.objects.filter(subject=PlaybookSubject.LEAD, is_active=True)
            .annotate(distance=Subquery(distance.values("depth")))
            .filter(Q(distance__isnull=False) | Q(is_default=True))
            .order_by(F("distance").asc(nulls_last=True))
        )
        playbook = Coalesce("playbook_id", Subquery(usual.values("pk")[:1]))
        criteria = Criterion.objects.filter(is_active=True, playbook_id=OuterRef("used_playbook"))
        confirmed = Answer.objects.filter(
            lead_id=OuterRef("pk"),
            state=AnswerState.CONFIRMED,
            criterion__is_active=True,
            criterion__playbook_id=OuterRef("used_playbook"),
        )
        return self.alias(used_playbook=playbook).annotate(
            checks_total=counted(criteria), checks_done=counted(confirmed)
        )

    def untouched(self):
        """Those with which nothing was done since they were created: nothing even logged."""
        later = Event.objects.filter(lead=OuterRef("pk")).exclude(verb="lead.created")
        return self.live().filter(~Exists(later), version=1, converted_at__isnull=True)
