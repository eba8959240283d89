"""The parts of a page that are about a lead, where it stands in a list."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from crm.templatetags.components import avatar
from crm.templatetags.relay import icon
from leads.models import Lead

register = template.Library()


@register.simple_tag
def whose(lead: Lead) -> SafeString:
    """Whose a lead is: a person's, or a queue's."""
    if lead.owner:
        name = lead.owner.full_name
        return format_html("{}{}", avatar(name, lead.owner_id), name)
    return format_html(
        '{}{} <span class="faint small">queue</span>',
        icon("inbox", size=14),
        lead.queue.name if lead.queue else "",
    )
