"""What time it is for whoever reads the page."""

import datetime as dt

from django.utils import timezone


def midnight() -> dt.datetime:
    """When today began on the reader's clock."""
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
