"""
The settings: which pages there are, in which groups, and the search among them.

Part of the roof: it knows the lists of every app.
"""

from dataclasses import dataclass
from typing import Any, cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.views.decorators.http import require_GET, require_POST

from accounts.configuration import CAMPAIGNS, SOURCES
from activities.configuration import REASONS
from crm.access import needs
from crm.configuration import Catalog
from crm.configuration.services import accept_configuration
from crm.errors import require
from crm.http import Request
from leads.configuration import LEAD_STATUSES, PLAYBOOKS, QUEUES, SCORE_RULES
from opportunities.configuration import PIPELINES
from people.models import User
from people.permissions import edits_settings
from people.reach import Action, RecordType
from reporting.home import is_configuration_reviewed

CATALOGS = (
    LEAD_STATUSES,
    SOURCES,
    CAMPAIGNS,
    REASONS,
    PLAYBOOKS,
    QUEUES,
    SCORE_RULES,
    PIPELINES,
)
KEEPERS = (RecordType.SETTINGS, Action.EDIT)


@dataclass(frozen=True)
class Section:
    """One page of the settings, and the right without which it is not offered."""

    url_name: str
    title: str
    icon: str
    description: str
    keywords: str = ""
    needs: tuple[RecordType, Action] = KEEPERS

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    def matches(self, text: str) -> bool:
        """Whether every word of a search begins a word of the page's description."""
        words = f"{self.title} {self.description} {self.keywords}".casefold().split()
        return all(
            any(word.startswith(wanted) for word in words) for wanted in text.casefold().split()
        )


def section_of(catalog: Catalog) -> Section:
    fields = (str(field.label or name) for name, field in catalog.form.base_fields.items())
    return Section(
        catalog.url_name,
        catalog.title,
        catalog.icon,
        catalog.description,
        " ".join([catalog.keywords, *fields]),
    )


GROUPS = (
    (
        "People",
        (
            Section(
                "settings:users",
                "Users",
                "users-round",
                "Invite people, give them a role and a team, let them go.",
                "invite deactivate email password hand over colleagues",
                (RecordType.USER, Action.EDIT),
            ),
            Section(
                "settings:teams",
                "Teams",
                "network",
                "Who works with whom, who is above whom, and in which hours clocks run.",
                "tree members manager working hours time zone sla",
                (RecordType.TEAM, Action.EDIT),
            ),
            Section(
                "settings:roles",
                "Roles",
                "shield-check",
                "What each role may do, and to whose records.",
                "permissions rights matrix reach own team all view create edit convert approve",
            ),
        ),
    ),
    ("Leads", tuple(map(section_of, (LEAD_STATUSES, SOURCES, CAMPAIGNS, QUEUES, SCORE_RULES)))),
    ("Qualification and handoff", tuple(map(section_of, (PLAYBOOKS, REASONS)))),
    (
        "Opportunities",
        (
            section_of(PIPELINES),
            Section(
                "opportunities:products",
                "Products",
                "package",
                "The price list: what leads ask for and opportunities are made of.",
                "price unit line items code",
            ),
            Section(
                "opportunities:rates",
                "Exchange rates",
                "arrow-left-right",
                "What other currencies are worth in yours, from day to day.",
                "currency conversion",
            ),
        ),
    ),
    (
        "Company",
        (
            Section(
                "settings:workspace",
                "Workspace",
                "building",
                "Name, currency, region, fiscal year, and what counts as free mail.",
                "free-mail domains credit window quarter phone country",
            ),
            Section(
                "settings:audit",
                "Audit log",
                "scroll-text",
                "Who did what, and when. It can be read, never changed.",
                "history events log",
            ),
            Section(
                "settings:jobs",
                "Periodic jobs",
                "clock",
                "What Relay does by itself again and again, and how it went the last time.",
                "schedule background nightly decay overdue wake up check",
            ),
        ),
    ),
)


@dataclass(frozen=True)
class Group:
    title: str
    sections: list[Section]


def offered_to(user: User, search: str = "") -> list[Group]:
    """The groups and pages that somebody may open, narrowed by a search."""
    groups = (
        Group(title, [page for page in pages if user.can(*page.needs) and page.matches(search)])
        for title, pages in GROUPS
    )
    return [group for group in groups if group.sections]


def settings_groups(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `settings_groups`, worked out only where a page shows it."""
    return {"settings_groups": SimpleLazyObject(lambda: offered_to(cast(User, request.user)))}


@require_GET
def index(request: Request) -> HttpResponse:
    """All settings on one page, with a search."""
    require(bool(offered_to(request.user)))
    search = request.GET.get("q", "").strip()
    context = {
        "groups": offered_to(request.user, search),
        "search": search,
        "asks_to_review": edits_settings(request.user) and not is_configuration_reviewed(),
    }
    return render(request, "settings/index.html", context)


@needs(RecordType.SETTINGS, Action.EDIT)
@require_POST
def accept(request: Request) -> HttpResponse:
    """The company goes by the stages and criteria that Relay came with."""
    accept_configuration(actor=request.user)
    messages.success(request, "Noted: stages and criteria suit you as they are.")
    return redirect("home")
