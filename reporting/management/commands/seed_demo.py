from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from people.models import User
from reporting.demo import make_demo_company


class Command(BaseCommand):
    help = "Make the demo company with its sign-ins. Only where RELAY_DEMO is true."

    def handle(self, *args, **options):
        if not settings.DEMO:
            raise CommandError(
                "The demo sign-ins are public. Set RELAY_DEMO=true if nothing real is kept here."
            )
        if User.objects.exists():
            raise CommandError("There are people already: the demo company comes first.")
        people = make_demo_company()
        self.stdout.write(f"The demo company has {len(people)} people.")
