from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from integrations.models import Scope
from integrations.services import create_token
from people.models import User


class Command(BaseCommand):
    help = "Make an API token for a user and print it, this once."

    def add_arguments(self, parser):
        parser.add_argument("email")
        parser.add_argument("--name", required=True, help="What it is for.")
        parser.add_argument(
            "--scopes",
            default=Scope.READ.value,
            help=f"Separated by commas: {', '.join(Scope.values)}. Only read if not given.",
        )

    def handle(self, *, email, name, scopes, **options):
        user = User.objects.active().filter(email=email.lower()).first()
        if user is None:
            raise CommandError(f"There is no active user {email}.")
        wanted = [scope.strip() for scope in scopes.split(",")]
        if not set(wanted) <= set(Scope.values):
            raise CommandError(f"--scopes: choose from {', '.join(Scope.values)}.")
        try:
            _token, secret = create_token(user=user, name=name, scopes=wanted, actor=None)
        except ValidationError as error:
            wrong = (f"--{field}: {' '.join(said)}" for field, said in error.message_dict.items())
            raise CommandError(" ".join(wrong)) from None
        self.stdout.write(secret)
