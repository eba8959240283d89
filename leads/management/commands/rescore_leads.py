from django.core.management.base import BaseCommand
from django.utils import timezone

from leads.models import Lead
from leads.scoring import rescore_leads


class Command(BaseCommand):
    help = "Let the scores of open leads decay with time. To be run every night."

    def add_arguments(self, parser):
        parser.add_argument(
            "--all",
            action="store_true",
            help="also leads that nothing has happened with: after the rules were changed",
        )

    def handle(self, *args, **options):
        leads = Lead.objects.open()
        if not options["all"]:
            leads = leads.with_activity()
        self.stdout.write(f"{rescore_leads(leads, now=timezone.now())} scores changed.")
