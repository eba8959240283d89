from django.core.management.base import BaseCommand, CommandError

from conversion.finality import finality_problems


class Command(BaseCommand):
    help = "Check that the database guards what is final, and that our role cannot get around it."

    def handle(self, *args, **options):
        problems = finality_problems()
        for problem in problems:
            self.stderr.write(problem)
        if problems:
            raise CommandError("A converted lead is not safe.")
        self.stdout.write(self.style.SUCCESS("What is final is guarded."))
