"""Finding deals by what people remember of them."""

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, Q, QuerySet

from accounts.models import Account
from accounts.search import has_every_word, matching_accounts, ranked
from people.ownership import EqualsAny

# A word that stands in the names of more accounts than these says nothing about a deal.
ACCOUNTS_CONSIDERED = 200


def matching_opportunities(queryset: QuerySet, text: str) -> QuerySet:
    """
    The deals of `queryset` that have every word of `text`, or whose account has, in the
    order they are in.
    """
    if not text.strip():
        return queryset
    accounts = matching_accounts(Account.objects.live().order_by(), text)[:ACCOUNTS_CONSIDERED]
    of_accounts = EqualsAny(F("account_id"), ArraySubquery(accounts.values("pk")))
    return queryset.filter(has_every_word(text) | Q(of_accounts))


def search_opportunities(queryset: QuerySet, text: str) -> QuerySet:
    """
    The deals that match, the likeliest first: those whose name begins with `text`, then the
    others, the newest first. Everything where `text` is empty.
    """
    if not text.strip():
        return queryset
    nothing_more = Q(pk__in=[])
    return ranked(queryset, matching_opportunities, text, nothing_more).order_by(
        "search_rank", "-created_at", "-pk"
    )
