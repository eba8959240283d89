"""How forms are drawn: their inputs by functions, all around them by templates."""

from collections.abc import Callable
from typing import Any

from django.forms.renderers import TemplatesSetting
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.templatetags.components import attributes, options

# What Django knows of an input.
Widget = dict[str, Any]


class FormRenderer(TemplatesSetting):
    """
    Draws inputs, text areas and selects without a template, and no template for no errors.

    A page has dozens of them, and Django's own templates take two or three more for each, and
    those of radio buttons and options as many for every choice.
    """

    def render(self, template_name: str, context: dict[str, Any], request: Any = None) -> str:
        if draw := DRAWN.get(template_name):
            return draw(context["widget"])
        if template_name.startswith(ERRORS) and not context["errors"]:
            return ""
        return super().render(template_name, context, request)


def draw_input(widget: Widget) -> SafeString:
    value = widget["value"]
    return format_html(
        '<input type="{}" name="{}"{}{}>',
        widget["type"],
        widget["name"],
        "" if value is None else attributes({"value": str(value)}),
        attributes(widget["attrs"]),
    )


def draw_text_area(widget: Widget) -> SafeString:
    return format_html(
        '<textarea name="{}"{}>\n{}</textarea>',
        widget["name"],
        attributes(widget["attrs"]),
        widget["value"] or "",
    )


def draw_select(widget: Widget) -> SafeString:
    return format_html(
        '<select name="{}"{}>{}</select>',
        widget["name"],
        attributes(widget["attrs"]),
        options(widget["optgroups"]),
    )


def draw_choice(widget: Widget) -> SafeString:
    """One of several that are all shown, inside its label where Django puts it there."""
    drawn = draw_input(widget)
    if not widget["wrap_label"]:
        return drawn
    label_for = attributes({"for": widget["attrs"].get("id")})
    return format_html("<label{}>{} {}</label>", label_for, drawn, widget["label"])


ERRORS = "django/forms/errors/"
KINDS: dict[Callable[[Widget], SafeString], list[str]] = {
    draw_input: ["checkbox", "date", "datetime", "email", "file", "hidden", "number", "text"],
    draw_text_area: ["textarea"],
    draw_select: ["select"],
    draw_choice: ["checkbox_option", "radio_option"],
}
DRAWN = {
    f"django/forms/widgets/{kind}.html": draw for draw, kinds in KINDS.items() for kind in kinds
}
