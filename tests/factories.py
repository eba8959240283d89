"""One factory for each model, alphabetical by app: one call makes a valid record."""

from django.utils import timezone
from factory import (
    LazyAttribute,
    LazyFunction,
    SelfAttribute,
    Sequence,
    SubFactory,
    post_generation,
)
from factory.django import DjangoModelFactory

from accounts.keys import company_key, email_key, person_key
from accounts.models import Account, Contact, LeadSource
from activities.models import Activity, ActivityKind, Event, Notification
from leads.cleaning import set_keys
from leads.models import Lead, LeadStatus, Queue, QueueMember
from opportunities.models import Opportunity, Product, Stage
from people.models import Role, Team, TeamClosure, User, Workspace

# --- people (first, because everything belongs to somebody) ---


class TeamFactory(DjangoModelFactory):
    class Meta:
        model = Team
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"Team {number}")

    @post_generation
    def closure(self, create, extracted, **kwargs):
        """The rows that say which teams stand above this one."""
        above = TeamClosure.objects.filter(descendant=self.parent_id)
        rows = [TeamClosure(ancestor=self, descendant=self, depth=0)]
        rows += [
            TeamClosure(ancestor_id=row.ancestor_id, descendant=self, depth=row.depth + 1)
            for row in above
        ]
        TeamClosure.objects.bulk_create(rows)


class UserFactory(DjangoModelFactory):
    """Somebody with one of the seeded roles: `UserFactory(role="sdr")`.

    They have chosen a password, which nobody knows; `password="!"` is somebody just invited.
    """

    class Meta:
        model = User

    email = Sequence(lambda number: f"user{number}@example.com")
    full_name = Sequence(lambda number: f"User {number}")
    role = "sdr"
    team = None
    password = "no-hash-of-anything"

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        if isinstance(kwargs["role"], str):
            kwargs["role"] = Role.objects.get(key=kwargs["role"])
        return super()._create(model_class, *args, **kwargs)


# --- accounts ---


class AccountFactory(DjangoModelFactory):
    class Meta:
        model = Account

    owner = SubFactory(UserFactory, role="ae")
    team = SelfAttribute("owner.team")
    name = Sequence(lambda number: f"Account {number}")
    name_key = LazyAttribute(lambda account: company_key(account.name))


class ContactFactory(DjangoModelFactory):
    """Somebody at an account, with the account's owner."""

    class Meta:
        model = Contact

    account = SubFactory(AccountFactory)
    owner = SelfAttribute("account.owner")
    team = SelfAttribute("owner.team")
    first_name = "Ana"
    last_name = Sequence(lambda number: f"Contact {number}")
    email = Sequence(lambda number: f"contact{number}@halcyon.example")
    email_key = LazyAttribute(lambda contact: email_key(contact.email))
    person_key = LazyAttribute(lambda contact: person_key(contact.first_name, contact.last_name))


# --- activities ---


class ActivityFactory(DjangoModelFactory):
    class Meta:
        model = Activity

    kind = ActivityKind.NOTE
    owner = SubFactory(UserFactory)
    created_by = SelfAttribute("owner")
    body = "Called back, wants a quote."


class EventFactory(DjangoModelFactory):
    class Meta:
        model = Event

    verb = "lead.edited"
    actor = None


class NotificationFactory(DjangoModelFactory):
    class Meta:
        model = Notification

    user = SubFactory(UserFactory)
    event = SubFactory(EventFactory)


# --- leads ---


class QueueFactory(DjangoModelFactory):
    """A queue; `QueueFactory(members=[rita])` puts people into it."""

    class Meta:
        model = Queue
        skip_postgeneration_save = True

    name = Sequence(lambda number: f"Queue {number}")

    @post_generation
    def members(self, create, extracted, **kwargs):
        QueueMember.objects.bulk_create(
            QueueMember(queue=self, user=user) for user in extracted or ()
        )


class LeadFactory(DjangoModelFactory):
    """A lead with its keys; `LeadFactory(kind="working")` is in the usual status of a kind."""

    class Meta:
        model = Lead

    class Params:
        kind = "new"

    owner = SubFactory(UserFactory)
    team = LazyAttribute(lambda lead: lead.owner.team if lead.owner else lead.queue.team)
    first_name = "Ada"
    last_name = Sequence(lambda number: f"Lead {number}")
    company = Sequence(lambda number: f"Company {number}")
    email = Sequence(lambda number: f"lead{number}@company{number}.com")
    status = LazyAttribute(lambda lead: LeadStatus.objects.default_for(lead.kind))
    status_kind = SelfAttribute("status.kind")
    source = LazyFunction(lambda: LeadSource.objects.active()[0])

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        lead = model_class(*args, **kwargs)
        set_keys(lead, Workspace())
        lead.save(force_insert=True)
        return lead


# --- opportunities ---


class OpportunityFactory(DjangoModelFactory):
    """A deal in the first stage of the first pipeline, with the account's owner."""

    class Meta:
        model = Opportunity

    account = SubFactory(AccountFactory)
    owner = SelfAttribute("account.owner")
    name = Sequence(lambda number: f"Deal {number}")
    stage = LazyFunction(lambda: Stage.objects.in_order().first())
    stage_kind = SelfAttribute("stage.kind")
    pipeline = SelfAttribute("stage.pipeline")
    probability = SelfAttribute("stage.probability")
    forecast_category = SelfAttribute("stage.forecast_category")
    currency = "EUR"
    close_date = LazyFunction(timezone.localdate)


class ProductFactory(DjangoModelFactory):
    class Meta:
        model = Product

    name = Sequence(lambda number: f"Product {number}")
