"""
Chromium for the browser tests: found, or fetched by `python -m tests.browser`.

Looked for in RELAY_CHROMIUM, then on PATH, then where Playwright keeps its own.
"""

import functools
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
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
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        return playwright.chromium.executable_path


def install() -> None:
    """Fetch Chromium by whatever way this machine has."""
    attempts = []
    if shutil.which("apt-get") and os.geteuid() == 0:
        attempts.append(["apt-get", "update", "-q"])
        attempts.append(["apt-get", "install", "-qy", "--no-install-recommends", "chromium"])
    attempts.append([sys.executable, "-m", "playwright", "install", "chromium"])
    for command in attempts:
        subprocess.run(command, env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"})
        chromium.cache_clear()
        if chromium():
            return


def pytest_collection_modifyitems(config, items):
    """Every test that opens a page is a browser test; without a browser, say so and go on."""
    browser_tests = [item for item in items if "page" in item.fixturenames]
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
        yield {**browser_context_args, "base_url": live_server.url}


if __name__ == "__main__":
    if not chromium():
        install()
    print(f"Browser tests use {path}." if (path := chromium()) else MISSING)
