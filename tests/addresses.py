"""Every address of the site, by name."""

from django.urls import URLPattern, URLResolver, get_resolver

# What a stranger may ask for.
PUBLIC = {
    "account_login",
    "account_logout",
    "account_signup",  # Says that one has to be invited.
    "account_inactive",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "account_confirm_email",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "livez",
    "readyz",
    "metrics",  # Asks for a token of its own.
    "api:unknown_address",  # A 404 in the API's way.
}


def pages(resolver=None, namespace=""):
    """Every (name, view) the site answers with."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from pages(entry, inner)
        elif isinstance(entry, URLPattern):
            yield f"{namespace}{entry.name}", entry.callback


PAGES = dict(pages())
