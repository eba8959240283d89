from django.core.management.base import BaseCommand, CommandError

from conversion.invariants import count_invariants


class Command(BaseCommand):
    help = "Count the rows that break a rule of the data. Fails unless every count is 0."

    def handle(self, *args, **options):
        counts = count_invariants()
        for rule, count in counts:
            self.stdout.write(f"{count:>8}  {rule}")
        if any(count for _, count in counts):
            raise CommandError("Some rows break a rule.")
        self.stdout.write(self.style.SUCCESS(f"All {len(counts)} invariants hold."))
