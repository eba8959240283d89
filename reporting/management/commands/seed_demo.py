from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from people.models import User
from reporting.demo import make_demo_company


class Command(BaseCommand):
    help = "Make the demo company with its sign-ins. Refused outside of demo and debug mode."

    def handle(self, *args, **options):
        if not (settings.DEBUG or settings.DEMO):
            raise CommandError("The demo sign-ins are public: they are never made in production.")
        if User.objects.exists():
            raise CommandError("There are people already: the demo company comes first.")
        with transaction.atomic():
            people = make_demo_company()
        self.stdout.write(f"The demo company has {len(people)} people.")
