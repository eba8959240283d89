"""Finding leads by what somebody types into a search box."""

from django.db.models import Q, QuerySet

from accounts.keys import email_key
from accounts.search import any_key, has_every_word, number_key, ranked


def matching_leads(queryset: QuerySet, text: str) -> QuerySet:
    """The leads of `queryset` that have every word of `text`, in the order they are in."""
    return queryset.filter(has_every_word(text) | same_lead(text)) if text.strip() else queryset


def search_leads(queryset: QuerySet, text: str) -> QuerySet:
    """
    The leads that match, the likeliest first: the very same address or number, then those
    that begin with `text`, then the others. Everything where `text` is empty.
    """
    if not text.strip():
        return queryset
    return ranked(queryset, matching_leads, text, same_lead(text)).order_by(
        "search_rank", "last_name", "first_name", "pk"
    )


def same_lead(text: str) -> Q:
    """The leads that `text` names by an address or a number."""
    address, number = email_key(text), number_key(text)
    return any_key(email_key=address, other_email_key=address, phone_key=number, mobile_key=number)
