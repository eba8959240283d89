"""What the templates of other apps need of activities."""

import datetime as dt

from django import template
from django.db.models import Model
from django.forms import BoundField
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from activities.forms import LogForm, key_of
from activities.markdown import render_markdown
from activities.models import Activity
from people.models import User

register = template.Library()

empty_rows: dict[tuple[str, str | None], SafeString] = {}

register.filter("markdown", render_markdown)
register.filter("record_key", key_of)


@register.simple_tag
def composer_form(user: User, record: Model | None) -> LogForm:
    """An empty form to log something on a record, or a task about none."""
    return LogForm(user=user, record=record or None)


@register.simple_tag
def row(field: BoundField) -> SafeString:
    """A field of the composer; while nobody has filled it in, it is the same on every page."""
    if field.form.is_bound:
        return field.as_field_group()
    key = (field.name, get_language())
    if key not in empty_rows:
        empty_rows[key] = field.as_field_group()
    return empty_rows[key]


@register.filter
def due_on(activity: Activity) -> dt.date | None:
    """The day on which a task is due, on the reader's calendar."""
    return timezone.localdate(activity.due_at) if activity.due_at else None
