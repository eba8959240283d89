"""Who is meant by "@Leo" in a text."""

import re

from django.db.models import F, Func, Q, TextField, Value
from django.db.models.functions import Lower

from people.models import User

# An @ inside a word belongs to an e-mail address. A name has up to four words.
MENTION = re.compile(r"(?<![\w@.+-])@(\w[\w.'\u2019-]*(?: \w[\w.'\u2019-]*){0,3})")
MOST_MENTIONS = 20


class Part(Func):
    """One part of a text that is split at a separator; counted from 1."""

    function = "split_part"
    output_field = TextField()


def find_mentioned(text: str, *, author: User) -> list[User]:
    """
    The active colleagues whom `author` may see and names with an @, in order of their names.

    A full name counts, and the name in an e-mail address; a first name alone only where
    one person has it.
    """
    found = MENTION.findall(text)[:MOST_MENTIONS]
    if not found:
        return []
    phrases = [phrases_of(words.lower()) for words in found]
    every = {phrase for some in phrases for phrase in some}
    colleagues = (
        User.objects.visible_to(author)
        .active()
        .annotate(
            called=Lower("full_name"),
            first_name=Lower(Part(F("full_name"), Value(" "), Value(1))),
            mail_name=Part(F("email"), Value("@"), Value(1)),
        )
        .filter(Q(called__in=every) | Q(first_name__in=every) | Q(mail_name__in=every))
        .order_by("full_name", "pk")
    )
    people = list(colleagues)
    meant = {person.pk for some in phrases if (person := best_match(some, people))}
    return [person for person in people if person.pk in meant]


def phrases_of(words: str) -> list[str]:
    """What the words after an @ may be, the longest first: "ana maria will", "ana maria", "ana"."""
    parts = words.split(" ")
    return [" ".join(parts[:count]).rstrip(".'\u2019-") for count in range(len(parts), 0, -1)]


def best_match(phrases: list[str], people: list[User]) -> User | None:
    for phrase in phrases:
        for name in ("called", "mail_name", "first_name"):
            named = [person for person in people if getattr(person, name) == phrase]
            if len(named) == 1:
                return named[0]
    return None
