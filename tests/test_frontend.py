"""What templates, styles and scripts promise: safe under the strict CSP, readable, small."""

import gzip
import json
import re
from pathlib import Path

import lucide
import pytest
from django.contrib.staticfiles import finders
from django.template import engines

from crm import navigation

ROOT = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))
STYLES = sorted((ROOT / "static" / "css").glob("*.css"))
SCRIPTS = sorted((ROOT / "static" / "js").glob("*.js"))
ON_LEADS = [ROOT / "static" / "js" / "lead.js"]
# A comment may speak of what a template may not do.
COMMENT = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
# A tag of a template inside an attribute would end the match of a whole element too early.
TEMPLATE_TAG = re.compile(r"{%.*?%}|{{.*?}}", re.DOTALL)

FORBIDDEN = {
    "an inline style": r"\bstyle\s*=",
    "a style element": r"<style\b",
    "an inline script": r"<script(?![^>]*\bsrc=)",
    "an inline handler": r"<[^>]*\son[a-z]+\s*=",
    "hx-on, which needs eval": r"\bhx-on[:-]",
    "a value that needs eval": r"""=\s*["']?\s*(js|javascript):""",
    "a trigger filter, which needs eval": r"""\bhx-trigger="[^"]*\[""",
}


def relative(path):
    return path.relative_to(ROOT).as_posix()


def markup(path):
    return COMMENT.sub("", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
@pytest.mark.parametrize("what", FORBIDDEN)
def test_templates_need_no_exception_from_the_content_security_policy(path, what):
    text = TEMPLATE_TAG.sub("", markup(path))
    assert not re.search(FORBIDDEN[what], text), f"{relative(path)} has {what}"


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_search_for_forbidden_markup_finds_it(what):
    examples = [
        '<p style="color:red">',
        "<style>p{}</style>",
        "<script>alert()</script>",
        '<a href="#" onclick="x()">',
        '<a hx-on:click="x()">',
        "<a hx-vals='js:{a: 1}'>",
        '<a hx-trigger="click[ctrlKey]">',
    ]
    assert any(re.search(FORBIDDEN[what], example) for example in examples)


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_templates_compile(path):
    engines["django"].get_template(path.relative_to(ROOT / "templates").as_posix())


@pytest.mark.parametrize("path", COMPONENTS, ids=relative)
def test_a_component_names_its_parameters_on_its_first_line(path):
    assert re.match(r"{# .+\. .*#}\n", path.read_text())


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_components_are_included_with_only_what_they_are_given(path):
    includes = re.findall(r"{% include \"components/[^%]*%}", path.read_text())
    assert [include for include in includes if not include.endswith(" only %}")] == []


def test_every_component_stands_on_the_styleguide_or_in_the_shell():
    shown, waiting = (
        set(),
        ["styleguide.html", "styleguide_dialog.html", "styleguide_bulk.html"],
    )
    waiting += ["base.html"]
    while waiting:
        text = (ROOT / "templates" / waiting.pop()).read_text()
        found = set(re.findall(r"{% (?:include|extends) \"(components/[^\"]+)\"", text)) - shown
        shown |= found
        waiting += found
    assert {f"components/{path.name}" for path in COMPONENTS} - shown == set()


def icon_names():
    for path in TEMPLATES:
        text = path.read_text()
        names = re.findall(r"{% icon \"([\w-]+)\"", text) + re.findall(r"\bicon=\"([\w-]+)\"", text)
        yield from ((name, relative(path)) for name in names)
    pages = [page for _, group in navigation.GROUPS for page in group]
    yield from (
        (page.icon, "crm/navigation.py") for page in pages + navigation.FOOT + navigation.ME
    )


def test_every_icon_exists():
    wrong = []
    for name, where in icon_names():
        try:
            lucide._load_icon(name)
        except lucide.IconDoesNotExist:
            wrong.append((name, where))
    assert wrong == []


def css_rules():
    """Every rule as (file, selector, body), innermost first come."""
    for path in STYLES:
        text = re.sub(r"/\*.*?\*/", "", path.read_text(), flags=re.DOTALL)
        for match in re.finditer(r"([^{};]+){([^{}]*)}", text):
            yield path.name, match[1].strip(), match[2]


RAW_COLOR = re.compile(r"(?<![\w%])#[0-9a-fA-F]{3,8}\b|\b(?:rgb|hsl|oklch|oklab|lab|lch)a?\(")


def test_colors_are_named_in_the_tokens_only():
    wrong = []
    for file, selector, body in css_rules():
        for declaration in body.split(";"):
            name, _, value = declaration.strip().partition(":")
            is_token = name.startswith("--")
            from_hue = "var(--h" in value
            if RAW_COLOR.search(value) and not (is_token or from_hue):
                wrong.append((file, selector, declaration.strip()))
    assert wrong == []


def defined_classes():
    return {
        name
        for _, selector, _ in css_rules()
        for name in re.findall(r"\.(-?[a-zA-Z][\w-]*)", selector)
    }


# Hooks without a look of their own.
UNSTYLED = {"left", "body", "more-l", "areas", "plain"}


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_every_class_has_a_rule(path):
    """A class without one is a typo, or was forgotten when its rule went."""
    text = markup(path)
    used = set()
    for value in re.findall(r"\bclass=\"([^\"]*)\"", re.sub(r"{%.*?%}|{{.*?}}", "\0", text)):
        # What touches a template tag is only a part of a name.
        used |= {name for name in value.split() if "\0" not in name}
    assert used - defined_classes() - UNSTYLED == set()


def test_every_address_in_the_styles_is_a_file():
    for path in STYLES:
        for url in re.findall(r"url\(\"([^\"]+)\"\)", path.read_text()):
            if url.startswith("data:"):
                continue
            found = finders.find((Path("css") / url).as_posix().replace("css/../", ""))
            assert found, f"{path.name}: {url}"


def packed(paths):
    return sum(len(gzip.compress(Path(path).read_bytes(), 9)) for path in paths)


def test_the_styles_stay_small():
    assert packed(STYLES) <= 20_000


def test_the_scripts_of_a_page_stay_small():
    everywhere = [path for path in SCRIPTS if path.name not in ("board.js", "lead.js")]
    assert packed(everywhere) <= 12_000
    assert packed(ON_LEADS) <= 1_500
    assert packed([*everywhere, *ON_LEADS, finders.find("vendor/htmx/htmx.min.js")]) <= 30_000


def test_the_scripts_of_a_board_stay_small():
    vendors = ["vendor/htmx/htmx.min.js", "vendor/sortable/Sortable.min.js"]
    assert packed([*SCRIPTS, *map(finders.find, vendors)]) <= 45_000


def test_the_fonts_stay_small():
    folder = "vendor/inter/files/"
    fonts = ["inter-latin-wght-normal.woff2", "inter-latin-ext-wght-normal.woff2"]
    assert sum(Path(finders.find(folder + font)).stat().st_size for font in fonts) <= 140_000


@pytest.mark.parametrize("path", SCRIPTS, ids=relative)
def test_scripts_evaluate_no_text(path):
    assert not re.search(r"\beval\(|new Function|setTimeout\(\s*[\"'`]", path.read_text())


def test_the_browser_never_fetches_ahead_what_signs_people_out():
    rules = json.loads((ROOT / "static" / "rules.json").read_text())
    excluded = rules["prefetch"][0]["where"]["and"][1]["not"]["href_matches"]
    assert "/account/*" in excluded
