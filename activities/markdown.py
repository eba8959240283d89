"""Notes as people format them: Markdown in, harmless HTML out."""

from functools import lru_cache

import nh3
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre",
    "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip
ATTRIBUTES = {"a": {"href", "title"}, "ol": {"start"}}
SCHEMES = {"http", "https", "mailto", "tel"}

# HTML in the text is shown as text. A picture would be fetched from elsewhere, and tell who reads.
parser = MarkdownIt("commonmark", {"html": False, "breaks": True, "linkify": False})
parser.enable(["table", "strikethrough"]).disable("image")


# Whoever reads a timeline again, after each entry, reads the same notes.
@lru_cache(maxsize=512)
def render_markdown(text: str) -> SafeString:
    """
    The text as HTML that may stand in any page.

    Headings start at the fourth level, below those of the page.
    """
    tokens = parser.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 3, 6)}"
    rendered = parser.renderer.render(tokens, parser.options, {})
    cleaned = nh3.clean(
        rendered,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel="noopener noreferrer nofollow",
    )
    return mark_safe(cleaned)  # noqa: S308  # nh3 has just cleaned it.
