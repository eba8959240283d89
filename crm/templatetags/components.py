"""
The smallest parts of every page, known to all templates.

They stand in lists by the hundred. As included templates they took half the time of a list.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from django import template
from django.utils.formats import date_format
from django.utils.html import conditional_escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.timezone import localdate
from django.utils.translation import get_language

from crm.addresses import address_of
from crm.templatetags.relay import ago, day_near, exact, heat, hue, icon, initials, tone

register = template.Library()

register.simple_tag(address_of)

NOTHING = SafeString()


@register.simple_tag
def avatar(
    name: Any, key: int | None, size: str = "", square: bool = False, label: bool = False
) -> SafeString:
    """
    Initials in a circle, or a square for companies. `key`, the record's id, picks the color.

    `size` is md or lg. With `label` it says whose it is: where the name is not beside it.
    """
    classes = f"av{f' {size}' if size else ''}{' sq' if square else ''} h{hue(key)}"
    said = (
        format_html('role="img" aria-label="{}" title="{}"', name, name)
        if label
        else mark_safe('aria-hidden="true"')
    )
    return format_html('<span class="{}" {}>{}</span>', classes, said, initials(name))


@register.simple_tag
def badge(kind: Any, text: Any, plain: bool = False) -> SafeString:
    """A colored label: `kind` is the state that picks the tone; `plain` has no dot."""
    return _badge(tone(kind), conditional_escape(text), plain)


@lru_cache(maxsize=1024)
def _badge(tone: str, text: SafeString, plain: bool) -> SafeString:
    classes = f"badge t-{tone}{' plain' if plain else ''}"
    return format_html('<span class="{}">{}</span>', classes, text)


@register.simple_tag
def navigation_item(item: Any) -> SafeString:
    """One link of the sidebar, for an item of crm.navigation."""
    return _navigation_item(
        item.url, item.is_current, item.key, item.poll_url, item.icon, item.label,
        waiting(item.count, item.is_hot),
    )  # fmt: skip


@lru_cache(maxsize=1024)
def _navigation_item(
    url: str, is_current: bool, key: str, poll_url: str, icon_name: str, label: str, count: str
) -> SafeString:
    facts = {
        "href": url,
        "aria-current": "page" if is_current else None,
        "data-go": key or None,
        "data-polls": poll_url or None,
    }
    return format_html("<a{}>{}{}{}</a>", attributes(facts), icon(icon_name), label, count)


@lru_cache(maxsize=256)
def waiting(count: int, is_hot: bool = False) -> SafeString:
    """How much waits on a page of the sidebar; nothing where nothing does."""
    if not count:
        return NOTHING
    return format_html(
        '<span class="n num{}">{}<span class="vh"> waiting</span></span>',
        " hot" if is_hot else "",
        count,
    )


@register.simple_tag
@lru_cache(maxsize=256)
def score(score: int | None) -> SafeString:
    """A score of 0 to 100 with its meter."""
    return format_html(
        '<span class="score {}"><b class="num">{}</b>'
        '<svg width="30" height="4" viewBox="0 0 100 12" preserveAspectRatio="none"'
        ' aria-hidden="true"><rect class="tr" width="100" height="12" rx="6"/>'
        '<rect class="v" width="{}" height="12" rx="6"/></svg></span>',
        heat(score),
        "" if score is None else score,
        score or 0,
    )


@register.simple_tag
@lru_cache(maxsize=1024)
def pips(done: int, total: int, wide: bool = False, hidden: bool = False) -> SafeString:
    """
    How many of a few checks are done, at most 8.

    `wide` is as wide as its place; `hidden` where the numbers stand beside it.
    """
    classes = f"pips{' wide' if wide else ''}{' full' if done == total else ''}"
    said = (
        mark_safe('aria-hidden="true"')
        if hidden
        else format_html('role="img" aria-label="{} of {} checks"', done, total)
    )
    return format_html(
        '<span class="{}" data-n="{}" data-of="{}" {}></span>', classes, done, total, said
    )


@register.simple_tag
def due(on: dt.date | None) -> SafeString:
    """The day on which something is due: red once it is over."""
    return _due(on, localdate(), get_language() or "") if on else NOTHING


@lru_cache(maxsize=4096)
def _due(on: dt.date, today: dt.date, language: str) -> SafeString:
    over = on < today
    return format_html(
        '<time class="due{}" datetime="{}" title="{}">{}{}</time>',
        " over" if over else "",
        on.isoformat(),
        date_format(on, "j M Y"),
        day_near(on),
        mark_safe('<span class="vh"> (overdue)</span>') if over else "",
    )


@register.simple_tag
def moment(at: dt.datetime | None) -> SafeString:
    """A moment: relative for a week, then its date; exact on hover."""
    if not at:
        return NOTHING
    return format_html("<time {}>{}</time>", moment_attributes(at), ago(at))


@register.filter
def moment_attributes(at: dt.datetime) -> SafeString:
    """What a <time> says of a moment to machines, and on hover."""
    utc = f"{at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}"
    return format_html('datetime="{}" title="{}"', utc, exact(at))


@register.filter
def attributes(given: Mapping[str, Any]) -> SafeString:
    """The attributes of an element, each after a space; what is False or None is left out."""
    return mark_safe(  # noqa: S308  # Only values come from outside.
        "".join(
            f" {name}" if value is True else f' {name}="{conditional_escape(value)}"'
            for name, value in given.items()
            if value is not False and value is not None
        )
    )


@register.filter
def options(groups: Iterable[tuple[str | None, list[dict[str, Any]], int]]) -> SafeString:
    """What a select offers, in its groups."""
    return format_html_join(
        "",
        "{}",
        (
            (format_html('<optgroup label="{}">{}</optgroup>', name, lines) if name else lines,)
            for name, lines in ((name, option_lines(some)) for name, some, _ in groups)
        ),
    )


@register.filter
def options_at(choices: Iterable[tuple[Any, Any]], current: Any) -> SafeString:
    """What a select offers as (value, label) pairs, with one of the values chosen."""
    return option_lines(
        {"value": value, "label": label, "attrs": {"selected": value == current}}
        for value, label in choices
    )


def option_lines(some: Iterable[dict[str, Any]]) -> SafeString:
    return mark_safe(  # noqa: S308  # Escaped, each value and label.
        "".join(
            f"<option{attributes({'value': str(each['value']), **each['attrs']})}>"
            f"{conditional_escape(each['label'])}</option>"
            for each in some
        )
    )
