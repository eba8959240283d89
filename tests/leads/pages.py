"""What tests of the pages of leads have in common."""

from django.urls import reverse

from activities.models import Reason, ReasonKind

HTMX = {"HX-Request": "true"}


def at(name, *args):
    """The address of a page of leads by its name."""
    return reverse(f"leads:{name}", args=args)


def a_reason():
    """A reason to disqualify."""
    return Reason.objects.for_kind(ReasonKind.DISQUALIFY).first()


def mark_first(count, words):
    """Mark the first characters of a paragraph, as a pointer would."""
    words.evaluate(
        """(words, count) => {
            const range = document.createRange();
            range.setStart(words.firstChild, 0);
            range.setEnd(words.firstChild, count);
            getSelection().removeAllRanges();
            getSelection().addRange(range);
        }""",
        count,
    )
