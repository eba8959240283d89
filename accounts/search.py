"""Finding accounts and contacts by what somebody types into a search box."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, F, IntegerField, Q, QuerySet, Value, When
from django.db.models.functions import Concat

from accounts.keys import company_key, domain_key, email_key, phone_key
from accounts.models import ContactEmail, ContactPhone
from crm.fields import Searchable
from people.models import Workspace
from people.ownership import EqualsAny

MAX_WORDS = 8
MAX_LENGTH = 200
# A trigram index finds nothing for fewer letters, unless they begin a word.
SHORTEST_INSIDE = 3
# Shorter runs of digits are a year or a street number.
SHORTEST_PHONE = 5
# Ranking looks at this many rows at most: who finds more types another letter.
CANDIDATES = 500
# The share of a word's trigrams that another has, from which on they are spelled alike.
ALIKE = 0.37


def matching_accounts(queryset: QuerySet, text: str) -> QuerySet:
    """The accounts of `queryset` that have every word of `text`, in the order they are in."""
    return queryset.filter(has_every_word(text) | same_account(text)) if text.strip() else queryset


def matching_contacts(queryset: QuerySet, text: str) -> QuerySet:
    """The contacts of `queryset` that have every word of `text`, in the order they are in."""
    return queryset.filter(has_every_word(text) | same_contact(text)) if text.strip() else queryset


def search_accounts(queryset: QuerySet, text: str) -> QuerySet:
    """
    The accounts that match, the likeliest first: the very same name, domain or number, then
    those that begin with `text`, then the others. Everything where `text` is empty.
    """
    if not text.strip():
        return queryset
    return ranked(queryset, matching_accounts, text, same_account(text)).order_by(
        "search_rank", "name", "pk"
    )


def search_contacts(queryset: QuerySet, text: str) -> QuerySet:
    """
    The contacts that match, the likeliest first: the very same address or number, then
    those that begin with `text`, then the others. Everything where `text` is empty.
    """
    if not text.strip():
        return queryset
    return ranked(queryset, matching_contacts, text, same_contact(text)).order_by(
        "search_rank", "last_name", "first_name", "pk"
    )


def search_contacts_near(
    queryset: QuerySet, text: str, *, account: int | None, most: int
) -> list[Any]:
    """The likeliest `most` contacts as `search_contacts` ranks them, those of an account first."""
    near = list(search_contacts(queryset.filter(account=account), text)[:most])
    others = search_contacts(queryset.exclude(account=account), text)
    return near + list(others[: most - len(near)])


def ranked(queryset: QuerySet, matching, text: str, same: Q) -> QuerySet:
    """At most CANDIDATES matching rows, with how well each matches as `search_rank`."""
    found = matching(queryset.order_by(), text).values("pk")[:CANDIDATES]
    begins = Q(search_text__startswith=Searchable(Value(" ".join(words_of(text)))))
    return queryset.filter(pk__in=found).annotate(
        search_rank=Case(
            When(same, then=0), When(begins, then=1), default=2, output_field=IntegerField()
        )
    )


def resembling(queryset: QuerySet, text: str) -> QuerySet:
    """
    The records of any searchable model in which each word of `text` has one that is like it,
    as "halycon" is like "halcyon"; the most alike first. Nothing where `text` is empty.

    How much alike is for `slips_forgiven` to say: read the rows inside of it.
    """
    words = words_of(text)
    if not words:
        return queryset.none()
    condition = Q()
    for word in words:
        condition &= Q(search_text__trigram_word_similar=Searchable(Value(word)))
    found = queryset.order_by().filter(condition).values("pk")[:CANDIDATES]
    likeness = TrigramWordSimilarity(" ".join(words), "search_text")
    return queryset.filter(pk__in=found).annotate(likeness=likeness).order_by("-likeness", "pk")


@contextmanager
def slips_forgiven() -> Iterator[None]:
    """Words count as alike with two letters exchanged; PostgreSQL alone is stricter than that."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL pg_trgm.word_similarity_threshold = %s", [ALIKE])
        yield


def words_of(text: str) -> list[str]:
    return text[:MAX_LENGTH].split()[:MAX_WORDS]


def has_every_word(text: str) -> Q:
    """Each word stands somewhere in the searchable text; a short one begins a word of it."""
    condition = Q()
    for word in words_of(text):
        sought = Searchable(Value(word))
        if len(word) >= SHORTEST_INSIDE:
            condition &= Q(search_text__contains=sought)
        else:
            inner = Concat(Value(" "), sought)
            condition &= Q(search_text__startswith=sought) | Q(search_text__contains=inner)
    return condition


def same_account(text: str) -> Q:
    """The accounts that `text` names by a matching key."""
    return any_key(
        name_key=company_key(text), domain_key=domain_key(text), phone_key=number_key(text)
    )


def same_contact(text: str) -> Q:
    """The contacts that `text` names by an address or number, primary or further."""
    address, number = email_key(text), number_key(text)
    condition = any_key(email_key=address, phone_key=number, mobile_key=number)
    if address:
        condition |= further(ContactEmail, email_key=address)
    if number:
        condition |= further(ContactPhone, phone_key=number)
    return condition


def further(model: Any, **key: str) -> Q:
    """The contacts with a further address or number; as an array, so that indexes may serve OR."""
    contacts = model._default_manager.filter(**key).values("contact_id")
    return Q(EqualsAny(F("pk"), ArraySubquery(contacts)))


def any_key(**keys: str) -> Q:
    """One of the keys is equal. Empty keys are equal to nothing."""
    condition = Q(pk__in=[])
    for name, key in keys.items():
        if key:
            condition |= Q(**{name: key})
    return condition


def number_key(text: str) -> str:
    """The key of a phone number; only something like one costs asking for the region."""
    if sum(character.isdigit() for character in text) < SHORTEST_PHONE:
        return ""
    return phone_key(text[:MAX_LENGTH], Workspace.load().region)
