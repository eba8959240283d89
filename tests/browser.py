"""
Browser tests: whose browser it is, what it complains of, and where Chromium comes from.

Chromium is looked for in RELAY_CHROMIUM, then on PATH, then where Playwright keeps its own;
`python -m tests.browser` fetches it. Its shell without windows takes half the time.
"""

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect, sync_playwright

from tests.concurrency import PATIENCE_SECONDS

SHELL = "chromium-headless-shell"
NAMES = (SHELL, "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
# Nothing that calls home, and no sandbox, which root and containers do not have.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
AXE = Path(__file__).resolve().parent.parent / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = ["color-contrast"]
# What passed is a thousand times as much, and describing it takes most of axe's time.
ONLY_VIOLATIONS = """async rules => {
    const {violations} = await axe.run({runOnly: rules, resultTypes: ["violations"]});
    return violations.flatMap(rule => rule.nodes.map(node => `${rule.id}: ${node.target}`));
}"""
DESKTOP = {"width": 1440, "height": 900}
PHONE = {"width": 390, "height": 844}
SMALLEST = {"width": 320, "height": 640}
expect.set_options(timeout=PATIENCE_SECONDS * 1000)
# Text in the fonts that it stays in, and a first picture on the screen.
DRAWN = """async patience => {
    await document.fonts.ready;
    const late = performance.now() + patience * 1000;
    while (!performance.getEntriesByName("first-contentful-paint").length) {
        if (performance.now() > late) throw new Error("The page is never drawn.");
        await new Promise(requestAnimationFrame);
    }
}"""
# Every part that the page fetches by itself has come, and none is fetched again and again.
COMPLETE = """async patience => {
    const late = performance.now() + patience * 1000;
    const missing = () => document.querySelector("[hx-trigger=load], .htmx-request");
    const wait = () => new Promise(done => setTimeout(done, 20));
    for (; missing(); await wait()) {
        if (performance.now() > late) throw new Error(`Never came: ${missing().outerHTML}`);
    }
    document.addEventListener("htmx:before:request", event => {
        if (event.detail.ctx.sourceElement.matches("[hx-trigger^=every]")) event.preventDefault();
    });
    for (; document.querySelector(".htmx-request"); await wait());
}"""
MISSING = (
    "BROWSER TESTS DID NOT RUN: there is no Chromium. Install it (`apt-get install chromium`), "
    "or name one in RELAY_CHROMIUM."
)


@functools.cache
def chromium() -> str | None:
    """The path of a Chromium on this machine."""
    candidates = [os.environ.get("RELAY_CHROMIUM"), *map(shutil.which, NAMES), playwrights_own()]
    return next((path for path in candidates if path and Path(path).exists()), None)


def playwrights_own() -> str:
    """Where Playwright would have put its download."""
    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install() -> None:
    """Fetch Chromium by whatever way this machine has."""
    attempts = []
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append(["apt-get", "update", "-q"])
        for name in (SHELL, "chromium"):
            attempts.append(["apt-get", "install", "-qy", "--no-install-recommends", name])
    attempts.append([sys.executable, "-m", "playwright", "install", "chromium"])
    for command in attempts:
        subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        chromium.cache_clear()
        if chromium():
            return


def pytest_collection_modifyitems(config, items):
    """Every test that has a browser is a browser test; without Chromium, say so and go on."""
    browser_tests = [item for item in items if "browser" in item.fixturenames]
    for item in browser_tests:
        item.add_marker("browser")
    if browser_tests and not chromium():
        if os.environ.get("CI") == "true":
            raise pytest.UsageError(MISSING)
        config.stash[missing_browser] = True
        for item in browser_tests:
            item.add_marker(pytest.mark.skip(reason="there is no Chromium"))


def pytest_terminal_summary(terminalreporter, config):
    if config.stash.get(missing_browser, False):
        terminalreporter.section("Warning", sep="!", red=True, bold=True)
        terminalreporter.line(MISSING, red=True)


missing_browser = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    return {**browser_type_launch_args, "executable_path": chromium(), "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args, live_server):
    # Playwright's own loop runs in the main thread, where Django would refuse to query.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # Without motion, or colors are measured half way from one to another.
        yield {**browser_context_args, "base_url": live_server.url, "reduced_motion": "reduce"}


@pytest.fixture
def browser_of(new_context, live_server):
    """
    `browser_of(rita)` is a page in a browser of Rita's; its complaints fail the test.

    `refusals=[409]` are answers that the test provokes.
    """
    said: list[str] = []

    def open_page(user, *, refusals=(), **options) -> Page:
        context = new_context(**options)
        sign_in(context, user, live_server)
        page = context.new_page()
        listen(page, said, refusals)
        return page

    yield open_page
    assert said == []


def sign_in(context: BrowserContext, user, live_server) -> None:
    """Make all pages of the context the user's."""
    client = Client()
    client.force_login(user)
    session = client.cookies[settings.SESSION_COOKIE_NAME].value
    cookie = {"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}
    context.add_cookies([cookie])


def listen(page: Page, said: list[str], refusals: Iterable[int] = ()) -> None:
    """Add to `said` what the page complains of: failed scripts, and what the policy forbids."""
    expected = tuple(f"responded with a status of {code} " for code in refusals)

    def note(entry: ConsoleMessage) -> None:
        if entry.type == "error" and not any(part in entry.text for part in expected):
            said.append(entry.text)

    page.on("console", note)
    page.on("pageerror", lambda error: said.append(str(error)))


def wait_until_drawn(page: Page) -> None:
    """Wait until the page is loaded, and drawn as it stays."""
    page.wait_for_load_state()
    page.evaluate(DRAWN, PATIENCE_SECONDS)


def press(page: Page, *keys: str) -> None:
    """Press keys on a page that takes them: its scripts have run, and it has been drawn."""
    wait_until_drawn(page)
    for key in keys:
        page.keyboard.press(key)


def violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """What axe finds wrong with the page as it is shown now."""
    # Evaluated by the test, not by the page, so the page's policy does not stop it.
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text())
    return page.evaluate(ONLY_VIOLATIONS, rules)


def faults(page: Page, *, closely: bool = False) -> list[str]:
    """
    What is wrong with the page that is open: on a desktop in light and dark, and in little room.

    `closely` has all rules looked at in little room too, on a phone in the dark and in the
    narrowest window in light. It is for pages full of records, whose parts then lie otherwise.
    """
    wait_until_drawn(page)
    page.evaluate(COMPLETE, PATIENCE_SECONDS)
    wrong = []
    narrow = RULES if closely else []
    for theme, size, rules in (
        ("light", DESKTOP, RULES),
        ("dark", DESKTOP, CONTRAST),
        ("dark", PHONE, narrow),
        ("light", SMALLEST, narrow),
    ):
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(size)
        look = f"{theme}, {size['width']} pixels: "
        if rules:
            wrong += [look + finding for finding in violations(page, rules)]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wrong.append(f"{look}scrolls sideways")
    return wrong


if __name__ == "__main__":
    if not chromium():
        install()
    print(f"Browser tests use {path}." if (path := chromium()) else MISSING)
