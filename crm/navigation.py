"""
The way around Relay: what stands in the sidebar, for whom, and with which count.

Part of the roof: it names pages of every app, by their URL names and as dotted paths,
so that it imports none of them. A page that does not exist yet is left out.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import NoReverseMatch
from django.utils.module_loading import import_string

from crm.addresses import address_of
from crm.counts import daily_counts
from people.reach import Action, RecordType

# Set by the sidebar's key, read here, so that a page arrives folded and does not jump.
FOLDED_COOKIE = "relay-side"


@dataclass(frozen=True)
class Page:
    """
    A place one can go to.

    `needs` is the right without which it is not offered. `waiting` is the dotted path of a
    function that takes the user and gives the rows that wait there for them: a queryset, so
    that all pages are counted in one query, and one that depends on their reach and the day
    alone. `visible` is another such function, for a page on which not all of them may be seen; it
    is asked only where something waits. `poll` is the URL name of the number by itself, which an
    open page asks for again and again.
    """

    url_name: str
    label: str
    icon: str
    key: str = ""
    needs: tuple[RecordType, Action] | None = None
    waiting: str = ""
    visible: str = ""
    is_hot: bool = False
    short: str = ""
    poll: str = ""


HOME = Page("home", "Home", "house", key="h")
QUEUE = Page(
    "leads:queue",
    "My queue",
    "zap",
    key="q",
    needs=(RecordType.LEAD, Action.REQUEST),
    waiting="leads.work_queue.to_work_on",
    short="Queue",
)
APPROVALS = Page(
    "conversion:approvals",
    "Approvals",
    "inbox",
    key="a",
    needs=(RecordType.REQUEST, Action.DECIDE),
    waiting="conversion.queries.to_decide",
    is_hot=True,
)
TASKS = Page(
    "activities:tasks",
    "Tasks",
    "square-check-big",
    key="t",
    waiting="activities.queries.open_tasks",
)
NOTIFICATIONS = Page(
    "activities:notifications",
    "Notifications",
    "bell",
    key="n",
    waiting="activities.queries.unread",
    visible="activities.queries.unread_notifications",
    poll="activities:bell",
)
LEADS = Page(
    "leads:list",
    "Leads",
    "user-round-search",
    key="l",
    needs=(RecordType.LEAD, Action.VIEW),
)
OPPORTUNITIES = Page(
    "opportunities:list",
    "Opportunities",
    "circle-dollar-sign",
    key="o",
    needs=(RecordType.OPPORTUNITY, Action.VIEW),
    short="Deals",
)
ACCOUNTS = Page(
    "accounts:list",
    "Accounts",
    "building-2",
    key="u",
    needs=(RecordType.ACCOUNT, Action.VIEW),
)
CONTACTS = Page(
    "accounts:contacts",
    "Contacts",
    "users-round",
    key="p",
    needs=(RecordType.CONTACT, Action.VIEW),
)
CONVERSIONS = Page(
    "conversion:conversions",
    "Conversions",
    "git-merge",
    needs=(RecordType.CONVERSION, Action.VIEW),
)
DASHBOARDS = Page(
    "reporting:pipeline",
    "Dashboards",
    "chart-no-axes-column",
    key="d",
    needs=(RecordType.REPORT, Action.VIEW),
)
IMPORT = Page("integrations:import", "Import", "upload", needs=(RecordType.IMPORT, Action.CREATE))
SETTINGS = Page("settings:index", "Settings", "settings", needs=(RecordType.SETTINGS, Action.EDIT))
PROFILE = Page("people:profile", "My profile", "user-round-cog")

GROUPS = [
    ("", [HOME, QUEUE, APPROVALS, TASKS, NOTIFICATIONS]),
    ("Records", [LEADS, ACCOUNTS, CONTACTS, OPPORTUNITIES]),
    ("Insight", [CONVERSIONS, DASHBOARDS]),
]
FOOT = [IMPORT, SETTINGS]
ME = [PROFILE]
# A phone has room for four of these, beside "More".
TABS = [HOME, QUEUE, APPROVALS, LEADS, OPPORTUNITIES, DASHBOARDS]
TABS_SHOWN = 4


class Item:
    """A page as offered to one person on one request."""

    def __init__(self, page: Page, url: str, navigation: "Navigation", *, is_current: bool):
        self.page, self.url, self.is_current = page, url, is_current
        self.label, self.icon, self.key = page.label, page.icon, page.key
        self.short = page.short or page.label
        self.is_hot = page.is_hot
        self.poll_url = _address(page.poll) if page.poll else ""
        self._navigation = navigation

    @property
    def count(self) -> int:
        """How many things wait there for the user."""
        return self._navigation.counts.get(self.page.url_name, 0)


@dataclass(frozen=True)
class Group:
    """Items under a common heading."""

    title: str
    items: list[Item]


class Navigation:
    """Everything around the page, worked out only when a template shows it."""

    def __init__(self, request: HttpRequest):
        self.request = request

    @cached_property
    def _items(self) -> dict[Page, Item]:
        user = self.request.user
        if not user.is_authenticated:
            return {}
        pages = [page for _, group in GROUPS for page in group] + FOOT + ME
        urls = {
            page: url
            for page in pages
            if (page.needs is None or user.can(*page.needs)) and (url := _address(page.url_name))
        }
        path = getattr(self.request, "found_under", self.request.path)
        current = _closest(path, urls.values())
        return {
            page: Item(page, url, self, is_current=url == current) for page, url in urls.items()
        }

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many things wait for the user on each page they are offered. One or two queries."""
        counts = self._counted({page: page.waiting for page in self._items if page.waiting})
        some = {page: page.visible for page in counts if page.visible and counts[page]}
        return {page.url_name: count for page, count in (counts | self._counted(some)).items()}

    def _counted(self, rows: dict[Page, str]) -> dict[Page, int]:
        user = self.request.user
        found = daily_counts(
            user, "sidebar", tuple(rows.values()), lambda path: import_string(path)(user)
        )
        return {page: found[path][0] for page, path in rows.items()}

    def _offered(self, pages: Iterable[Page]) -> list[Item]:
        return [self._items[page] for page in pages if page in self._items]

    @property
    def groups(self) -> list[Group]:
        """The sidebar's groups that are not empty."""
        groups = [Group(title, self._offered(pages)) for title, pages in GROUPS]
        return [group for group in groups if group.items]

    @property
    def foot(self) -> list[Item]:
        return self._offered(FOOT)

    @property
    def me(self) -> list[Item]:
        return self._offered(ME)

    @property
    def tabs(self) -> list[Item]:
        """What a phone shows at the bottom of the screen."""
        return self._offered(TABS)[:TABS_SHOWN]

    @property
    def palette_url(self) -> str:
        return _address("search:palette")

    @property
    def is_folded(self) -> bool:
        return self.request.COOKIES.get(FOLDED_COOKIE) == "folded"


def navigation(request: HttpRequest) -> dict[str, Navigation]:
    """Context processor: `navigation`, which costs nothing unless the page shows it."""
    return {"navigation": Navigation(request)}


def _address(url_name: str) -> str:
    try:
        return address_of(url_name)
    except NoReverseMatch:
        return ""


def _closest(path: str, urls: Iterable[str]) -> str:
    """The address nearest above `path`; home is above everything only for itself."""
    above = [url for url in urls if path == url or (url != "/" and path.startswith(url))]
    return max(above, key=len, default="")
