"""The address book of the whole site."""

from functools import partial

from django.urls import include, path

from accounts.services import assign_account, assign_contact
from activities.reversible import undo_assignment
from activities.undoing import undo
from crm import health, styleguide
from leads.services import undo_change
from opportunities.services import assign_opportunity
from reporting.home import home

# How a change is taken back, for each kind of record.
WAYS_BACK = {
    "account": partial(undo_assignment, assign=assign_account),
    "contact": partial(undo_assignment, assign=assign_contact),
    "lead": undo_change,
    "opportunity": partial(undo_assignment, assign=assign_opportunity),
}

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("api/", include("crm.api")),
    path("styleguide/", styleguide.styleguide, name="styleguide"),
    path("account/", include("allauth.account.urls")),
    path("settings/", include("crm.settings_urls")),
    path("", include("people.urls")),
    path("", home, name="home"),
    path("undo/", undo, {"ways": WAYS_BACK}, name="undo"),
    path("", include("leads.urls")),
    path("", include("opportunities.urls")),
    path("", include("activities.urls")),
    path("", include("conversion.urls")),
    path("", include("accounts.urls")),
    path("", include("reporting.urls")),
    path("", include("reporting.search_urls")),
    path("", include("integrations.urls")),
]
