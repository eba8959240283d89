"""Text can be read: the contrast of our tokens, in the light and in the dark theme."""

import math
import re
from pathlib import Path

import pytest

CSS = (Path(__file__).resolve().parent.parent / "static" / "css" / "core.css").read_text()
READABLE = 4.5
VISIBLE = 3.0
THEMES = ["light", "dark"]

SURFACES = ["canvas", "surface", "raised", "sunken", "hover"]
TEXTS = {
    "text": [*SURFACES, "active", "accent-soft", "row-active"],
    "text-2": [*SURFACES, "active", "accent-soft", "row-active", "knob"],
    "text-3": [*SURFACES, "active", "accent-soft", "row-active"],
    "on-accent": ["accent", "accent-hover"],
    "accent-text": ["accent-soft", "surface", "raised", "active"],
    "ok-text": ["ok-soft", "surface", "raised", "sunken"],
    "warn-text": ["warn-soft", "surface", "raised", "sunken"],
    "bad-text": ["bad-soft", "surface", "raised", "sunken", "canvas", "hover"],
    "on-ink": ["ink"],
}
MARKS = {
    "accent": ["surface", "raised", "sunken"],
    "ok": ["surface"],
    "bad": ["surface", "raised"],
}
HUES = {name: float(hue) for name, hue in re.findall(r"\.(h\d|t-\w+) { --h: (\d+); }", CSS)}


def token(name, theme):
    value = re.search(rf"--{name}: ([^;]+);", CSS)[1]
    if pair := re.match(r"light-dark\((.+)\)$", value, re.DOTALL):
        value = split_pair(pair[1])[THEMES.index(theme)]
    return luminance(value)


def split_pair(text):
    depth = 0
    for at, character in enumerate(text):
        depth += {"(": 1, ")": -1}.get(character, 0)
        if character == "," and depth == 0:
            return text[:at].strip(), text[at + 1 :].strip()
    raise ValueError(text)


def luminance(color):
    """The relative luminance WCAG 2 defines, of a #hex or an oklch() color."""
    if color.startswith("#"):
        digits = color[1:] if len(color) == 7 else "".join(digit * 2 for digit in color[1:])
        channels = [int(digits[at : at + 2], 16) / 255 for at in (0, 2, 4)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    else:
        lightness, chroma, hue = map(
            float, re.match(r"oklch\(([\d.]+) ([\d.]+) ([\d.]+)\)", color).groups()
        )
        linear = linear_rgb(lightness, chroma, hue)
    red, green, blue = (min(1, max(0, channel)) for channel in linear)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def linear_rgb(lightness, chroma, hue):
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def contrast(one, other):
    lighter, darker = max(one, other), min(one, other)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("text", "surface"),
    [(text, surface) for text, on in TEXTS.items() for surface in on],
)
def test_text_is_readable(text, surface, theme):
    assert contrast(token(text, theme), token(surface, theme)) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(
    ("mark", "surface"),
    [(mark, surface) for mark, on in MARKS.items() for surface in on],
)
def test_marks_are_visible(mark, surface, theme):
    assert contrast(token(mark, theme), token(surface, theme)) >= VISIBLE


def toned(selector, prop, theme, hue, strength):
    """The luminance a rule such as .badge computes from a hue."""
    rule = re.search(rf"^  {re.escape(selector)} {{(.*?)^  }}", CSS, re.DOTALL | re.MULTILINE)[1]
    value = re.search(rf"^    {prop}: light-dark\((.*?)\);$", rule, re.DOTALL | re.MULTILINE)[1]
    color = split_pair(value)[THEMES.index(theme)]
    color = re.sub(
        r"calc\(([\d.]+) \* var\(--c\)\)",
        lambda part: str(float(part[1]) * strength),
        color,
    )
    return luminance(color.replace("var(--h)", str(hue)))


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("tone", sorted(HUES))
def test_badges_and_avatars_are_readable_in_every_tone(tone, theme):
    selector = ".badge" if tone.startswith("t-") else ".av"
    colors = [toned(selector, prop, theme, HUES[tone], 1) for prop in ("color", "background")]
    assert contrast(*colors) >= READABLE


@pytest.mark.parametrize("theme", THEMES)
def test_a_gray_badge_is_readable(theme):
    colors = [toned(".badge", prop, theme, 268, 0.15) for prop in ("color", "background")]
    assert contrast(*colors) >= READABLE


def test_contrast_is_computed_as_wcag_does():
    assert contrast(luminance("#ffffff"), luminance("#000")) == pytest.approx(21)
    assert contrast(luminance("#767676"), luminance("#fff")) == pytest.approx(4.54, abs=0.01)
    assert luminance("oklch(0.6279 0.2577 29.23)") == pytest.approx(luminance("#f00"), abs=0.002)
