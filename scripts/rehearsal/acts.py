"""The three acts: import, distribution, and the handoff of many leads by several clients."""

import itertools
import queue
import threading
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

from django.core.management import call_command

from accounts.services import create_account, create_contact
from integrations.models import Import
from leads.models import Lead
from leads.models import Path as QualificationPath
from leads.services import assign_lead
from opportunities.services import create_opportunity
from people.models import User
from scripts.company import Company, token_of
from scripts.rehearsal.books import Books
from scripts.rehearsal.desk import Desk
from scripts.rehearsal.story import Story, Target

# Customers of each AE, of whom new leads may turn out to be a part.
CUSTOMERS = 30


def import_leads(file: Path, actor: User, books: Books) -> int:
    """Every row of the file as a lead, or refused for a reason. Says how many leads."""
    call_command("import_leads", file, email=actor.email, stdout=StringIO())
    batch = Import.objects.get()
    leads, refused = Lead.objects.count(), batch.rows.exclude(problem="").count()
    if leads != batch.good_count or leads + refused != batch.row_count:
        books.object(f"{batch.row_count} rows became {leads} leads and {refused} refused rows")
    if refused:
        print(f"{refused:,} rows were refused, each for a reason.")
    return leads


def distribute(people: Company) -> int:
    """Give the leads to the SDRs of all teams, one after the other. Says how many."""
    leads = Lead.objects.order_by("pk")
    for lead, sdr in zip(leads, itertools.cycle(people.sdrs)):
        assign_lead(lead=lead, to=sdr, actor=people.admin)
    return len(leads)


def hand_over(
    people: Company, address: str, books: Books, *, conversions: int, clients: int
) -> int:
    """Take leads through the handoff until so many are converted. Says how many leads it took."""
    tokens = {person.pk: token_of(person) for person in [people.manager, *people.reps]}
    stories = list(all_stories(people, books, conversions))
    waiting: queue.SimpleQueue[Story] = queue.SimpleQueue()
    for story in stories:
        waiting.put(story)

    def client() -> None:
        desk, twin = Desk(address, tokens, books), Desk(address, tokens, books)
        while True:
            try:
                story = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                story.tell(desk, twin)
            except Exception as error:
                books.object(f"lead {story.lead}: {error!r}")

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return len(stories)


def all_stories(people: Company, books: Books, conversions: int) -> Iterator[Story]:
    """As many as have so many conversions in them, taken from all teams alike."""
    path = QualificationPath.objects.get(key="meeting_held").pk
    colleagues = {
        sdr.pk: [ae for ae in people.aes if ae.team_id == sdr.team_id] for sdr in people.sdrs
    }
    targets = {ae.pk: itertools.cycle(make_customers(ae)) for ae in people.aes}
    planned = 0
    leads = Lead.objects.open().select_related("owner").order_by("pk")
    for number, lead in enumerate(leads, start=1):
        if planned == conversions:
            return
        aes = colleagues[lead.owner_id]
        ae = aes[number // len(people.sdrs) % len(aes)]
        story = Story(
            number, lead.pk, lead.owner, ae, people.manager, path, next(targets[ae.pk]), books
        )
        planned += not story.is_rejected
        yield story
    raise SystemExit(f"There are too few leads for {conversions} conversions.")


def make_customers(ae: User) -> list[Target]:
    """Accounts of an AE with a contact and an open deal each."""
    customers = []
    for number in range(CUSTOMERS):
        fields = {"name": f"Customer {number} of {ae.full_name}"}
        account = create_account(actor=ae, fields=fields)
        contact = create_contact(actor=ae, account=account, fields={"last_name": "Known"})
        deal = create_opportunity(actor=ae, account=account, fields={"name": f"Deal {number}"})
        customers.append(Target(account.pk, contact.pk, deal.pk))
    return customers
