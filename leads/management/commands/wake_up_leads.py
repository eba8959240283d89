from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.services import wake_up_leads


class Command(BaseCommand):
    help = "Return the nurtured leads whose day has come to work. To be run every morning."

    def handle(self, *args, **options):
        count = wake_up_leads(today=timezone.localdate())
        self.stdout.write(f"{count} leads woken up.")
