"""What the templates of other apps need of activities."""

import datetime as dt

from django import template
from django.db.models import Model
from django.utils import timezone

from activities.forms import LogForm, key_of
from activities.markdown import render_markdown
from activities.models import Activity
from people.models import User

register = template.Library()

register.filter("markdown", render_markdown)
register.filter("record_key", key_of)


@register.simple_tag
def composer_form(user: User, record: Model | None) -> LogForm:
    """An empty form to log something on a record, or a task about none."""
    return LogForm(user=user, record=record or None)


@register.filter
def due_on(activity: Activity) -> dt.date | None:
    """The day on which a task is due, on the reader's calendar."""
    return timezone.localdate(activity.due_at) if activity.due_at else None
