"""How Relay writes things: icons, money, times, names. Always in the reader's own convention."""

import datetime
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any

import lucide
import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.dates import (
    format_date,
    format_skeleton,
    format_time,
    format_timedelta,
)
from babel.numbers import (
    format_compact_currency,
    format_compact_decimal,
    format_currency,
)
from django import template
from django.conf import settings
from django.db.models.fields import BLANK_CHOICE_DASH
from django.forms import BoundField, ChoiceField, Field, ModelChoiceField
from django.utils import timezone
from django.utils.html import conditional_escape, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, to_locale

from crm import undo
from crm.text import marked

register = template.Library()
register.filter(undo.undo_of)

# Beyond this, "9 days ago" says less than the date.
RELATIVE_FOR = datetime.timedelta(days=7)
HUES = 8

TONES = {
    "new": "blue",
    "open": "blue",
    "pending": "blue",
    "checking": "blue",
    "running": "blue",
    "likely": "amber",
    "possible": "amber",
    "working": "violet",
    "nurturing": "amber",
    "warm": "amber",
    "sent_back": "amber",
    "lapsed": "amber",
    "requested": "teal",
    "approved": "teal",
    "qualified": "green",
    "converted": "green",
    "created": "green",
    "won": "green",
    "done": "green",
    "strong": "green",
    "active": "green",
    "confirmed": "green",
    "hot": "red",
    "rejected": "red",
    "disputed": "red",
    "lost": "red",
    "overdue": "red",
    "failed": "red",
}


def reader_locale() -> Locale:
    """The locale of whoever reads the page, or English where Babel does not know it."""
    return _locale(reader_language())


def reader_language() -> str:
    return get_language() or "en"


@lru_cache
def _locale(language: str) -> Locale:
    try:
        return Locale.parse(to_locale(language))
    except UnknownLocaleError:
        return Locale("en")


@register.simple_tag
def icon(name: str, size: int = 15, stroke_width: float = 2, label: str = "") -> SafeString:
    """A Lucide icon as inline SVG, silent unless it has a label. An unknown name raises."""
    return _icon(str(name), size, stroke_width, str(label))


@lru_cache(maxsize=1024)
def _icon(name: str, size: int, stroke_width: float, label: str) -> SafeString:
    semantics = {"role": "img", "aria_label": label} if label else {"aria_hidden": "true"}
    svg = lucide._render_icon(name, size, stroke_width=stroke_width, **semantics)
    return mark_safe(svg)  # noqa: S308  # Lucide's own markup; ElementTree escapes the label.


@register.filter
def money(amount: Decimal | None, currency: str) -> str:
    """An amount in full, without cents where there are none: $48,000 or 48.000,50 €."""
    return "" if amount is None else _money(amount, currency, reader_language())


# A figure is read far more often than it changes.
@lru_cache(maxsize=4096)
def _money(amount: Decimal, currency: str, language: str) -> str:
    locale = _locale(language)
    pattern = locale.currency_formats["standard"].pattern
    if amount != int(amount):
        return format_currency(amount, currency, pattern, locale=locale)
    whole = pattern.replace(".00", "")
    return format_currency(amount, currency, whole, locale=locale, currency_digits=False)


@register.filter
def money_short(amount: Decimal | None, currency: str) -> str:
    """An amount at a glance, in three digits: $482K, $1.16M."""
    return "" if amount is None else _money_short(amount, currency, reader_language())


@lru_cache(maxsize=4096)
def _money_short(amount: Decimal, currency: str, language: str) -> str:
    third = amount.adjusted() - 2
    if third > 0:
        amount = amount.quantize(Decimal(1).scaleb(third), ROUND_HALF_UP)
    return format_compact_currency(amount, currency, locale=_locale(language), fraction_digits=2)


@register.filter
def count_short(number: int) -> str:
    """A count at a glance: 1,284 stays as it is, from ten thousand on it is 10K."""
    if number < 10_000:
        return f"{number:,}"
    return format_compact_decimal(number, locale=reader_locale())


@register.filter
def ago(moment: datetime.datetime | None) -> str:
    """A moment as people say it: 35m ago, in 2h; with its date once it is a week away."""
    if moment is None:
        return ""
    distance = moment - timezone.now()
    if abs(distance) >= RELATIVE_FOR:
        return day(timezone.localtime(moment).date())
    if abs(distance) < datetime.timedelta(minutes=1):
        return "just now"
    return _narrow(distance, add_direction=True)


@register.filter
def late_by(moment: datetime.datetime) -> str:
    """How long a moment is over: 35m, 4d, 2w."""
    return _narrow(timezone.now() - moment)


def _narrow(distance: datetime.timedelta, add_direction: bool = False) -> str:
    return format_timedelta(
        distance,
        add_direction=add_direction,
        format="narrow",
        threshold=1,
        locale=reader_locale(),
    )


@register.filter
def exact(moment: datetime.datetime | None) -> str:
    """A moment by day and minute, on the reader's clock."""
    if moment is None:
        return ""
    local, language = timezone.localtime(moment), reader_language()
    return f"{_day(local.date(), language)}, {_clock(local.hour, local.minute, language)}"


@register.filter
def clock(moment: datetime.datetime | None) -> str:
    """Only the time of day, on the reader's clock."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    return _clock(local.hour, local.minute, reader_language())


@lru_cache(maxsize=4096)
def _clock(hour: int, minute: int, language: str) -> str:
    return format_time(datetime.time(hour, minute), "short", locale=_locale(language))


@register.filter
def day(date: datetime.date | None) -> str:
    """A date, with its year only when it is not this one: 12 Nov, 31 Jan 2027."""
    if date is None:
        return ""
    if date.year != timezone.localdate().year:
        return _day(date, reader_language())
    return _day_of_year(date, reader_language())


@lru_cache(maxsize=4096)
def _day(date: datetime.date, language: str) -> str:
    return format_date(date, "medium", locale=_locale(language))


@lru_cache(maxsize=4096)
def _day_of_year(date: datetime.date, language: str) -> str:
    return format_skeleton("MMMd", date, locale=_locale(language))


@register.filter
def day_near(date: datetime.date | None) -> str:
    """A date seen from today: Today, Tomorrow, Yesterday, else the day itself."""
    if date is None:
        return ""
    names = {-1: "Yesterday", 0: "Today", 1: "Tomorrow"}
    return names.get((date - timezone.localdate()).days) or day(date)


@register.filter
def is_past(date: datetime.date | None) -> bool:
    """Whether a day is over, on the reader's calendar."""
    return date is not None and date < timezone.localdate()


@register.filter
def initials(name: Any) -> str:
    """First letters of the first and the last word of a name."""
    words = str(name or "").split()
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


@register.filter
def hue(key: int | None) -> int:
    """One of the eight avatar colors; the same record always has the same."""
    return (key or 0) % HUES


@register.filter
def tone(kind: Any) -> str:
    """The color of a badge for a kind or state; one we do not know is gray."""
    return TONES.get(str(kind), "gray")


@register.filter
def heat(score: int | None) -> str:
    """How warm a score of 0 to 100 is: hot, warm or cold."""
    if score is None or score < 50:
        return "cold"
    return "hot" if score >= 75 else "warm"


@register.filter
def phone(number: str) -> str:
    """A stored number as people write it; one that cannot be read stays as it is."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return number
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.INTERNATIONAL)


@register.filter
def highlight(text: str, words: Iterable[str]) -> SafeString:
    """A text in which each of the words is marked."""
    return format_html_join(
        "",
        "{}{}{}",
        (
            (mark_safe("<mark>"), piece, mark_safe("</mark>")) if is_word else ("", piece, "")
            for piece, is_word in marked(text, words)
        ),
    )


@register.simple_tag
def control(field: BoundField) -> SafeString:
    """A form field's input, wearing the class of our inputs and its own."""
    name_nothing(field.field)
    own = field.field.widget.attrs.get("class", "")
    input_type = getattr(field.field.widget, "input_type", "text")
    ours = "" if input_type in {"checkbox", "radio", "hidden"} else "inp"
    classes = f"{ours} {own}".strip()
    return conditional_escape(field.as_widget(attrs={"class": classes} if classes else {}))


def name_nothing(field: Field) -> None:
    """Say in words what an empty choice means, where Django would draw a line."""
    word = "Choose" if field.required else "None"
    if isinstance(field, ModelChoiceField):
        if ("", field.empty_label) in BLANK_CHOICE_DASH:
            field.empty_label = word
    elif isinstance(field, ChoiceField):
        # Shown only: what the field accepts stays as it is.
        widget: Any = field.widget
        widget.choices = [
            (value, word if (value, text) in BLANK_CHOICE_DASH else text)
            for value, text in widget.choices
        ]


@register.filter
def is_checkbox(field: BoundField) -> bool:
    """Whether the field is one tick box, whose label stands after it."""
    widget = field.field.widget
    return getattr(widget, "input_type", "") == "checkbox" and not widget.use_fieldset


@register.simple_tag
def demo_sign_ins() -> list[dict[str, str]]:
    """The people a demo workspace lets everybody be; nobody where it is not a demo."""
    if not settings.DEMO:
        return []
    return [
        {"role": role, "email": f"{name}@example.com", "password": "relay-demo"}
        for role, name in [
            ("SDR", "sdr"),
            ("AE", "ae"),
            ("Manager", "manager"),
            ("Admin", "admin"),
        ]
    ]
