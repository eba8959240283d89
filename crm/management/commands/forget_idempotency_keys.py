from django.core.management.base import BaseCommand

from crm.idempotency import forget_old_keys


class Command(BaseCommand):
    help = "Delete the stored answers of requests that are too old to be retried."

    def handle(self, *args, **options):
        self.stdout.write(f"{forget_old_keys()} keys forgotten.")
