"""The address book of the whole site."""

from django.urls import include, path

from crm import health, styleguide
from reporting.home import home

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
    path("", include("leads.urls")),
    path("", include("opportunities.urls")),
    path("", include("activities.urls")),
    path("", include("conversion.urls")),
    path("", include("accounts.urls")),
    path("", include("reporting.urls")),
    path("", include("reporting.search_urls")),
    path("", include("integrations.urls")),
]
