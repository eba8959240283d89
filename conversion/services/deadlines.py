"""By when a request is to be answered."""

import datetime as dt

from people.business_hours import add_business_hours
from people.models import User

DEFAULT_SLA_HOURS = 8


def due_at(now: dt.datetime, approver: User) -> dt.datetime:
    """When the approver's team promises an answer, in its business hours."""
    hours = approver.team.request_sla_hours if approver.team else DEFAULT_SLA_HOURS
    return add_business_hours(now, hours, approver.team)
