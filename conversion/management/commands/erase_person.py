from django.core.exceptions import PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError

from conversion.services import erase_person
from crm.errors import DomainError
from leads.models import Lead
from people.models import User


class Command(BaseCommand):
    help = "Erase the person of a lead by law, from its contact, history and receipt too. For ever."

    def add_arguments(self, parser):
        parser.add_argument("lead", type=int, help="The number of the lead, as in its address.")
        parser.add_argument("--as", dest="email", required=True, help="The administrator who asks.")
        parser.add_argument(
            "--reason", required=True, help="Kept in the audit log: do not name the person."
        )

    def handle(self, *, lead, email, reason, **options):
        actor = User.objects.active().filter(email=email.lower()).first()
        if actor is None:
            raise CommandError(f"There is no active user {email}.")
        found = Lead.objects.visible_to(actor).filter(pk=lead).first()
        if found is None:
            raise CommandError(f"There is no lead {lead}.")
        try:
            erase_person(lead=found, actor=actor, reason=reason)
        except PermissionDenied:
            raise CommandError(f"{actor} may not erase anybody.") from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        except DomainError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(self.style.SUCCESS(f"The person of lead {lead} is erased."))
