"""What tests of people start from besides the cast."""

from django.core.management import call_command


def run_jobs() -> None:
    """Do what is waiting to be done by the worker, such as sending mail."""
    call_command("db_worker", "--batch", "--no-startup-delay", verbosity=0)
