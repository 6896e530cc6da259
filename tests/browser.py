"""A real Chromium for the tests that look at pages as people do."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
MISSING = (
    "No Chromium found. Install Debian's (`apt-get install chromium`) or Playwright's own "
    "(`.venv/bin/playwright install chromium`), or name one in the environment variable CHROMIUM."
)


class NoChromium(Exception):
    """There is no browser to test with; the message says what to install."""


def find_chromium(playwright: Playwright) -> str:
    """The browser's program: $CHROMIUM, else the system's, else Playwright's own."""
    if named := os.environ.get("CHROMIUM"):
        return _existing(named)
    for name in NAMES:
        if found := shutil.which(name):
            return found
    return _existing(playwright.chromium.executable_path)


def _existing(program: str) -> str:
    found = shutil.which(program)
    if found is None:
        raise NoChromium(f"{MISSING} (Not a program: {program})")
    return found


@contextmanager
def launched() -> Iterator[Browser]:
    """One browser process for as long as the block runs."""
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
        browser = playwright.chromium.launch(executable_path=find_chromium(playwright), args=arguments)
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Shared by a module's tests; each opens a context of its own.

    Not by the whole run: Playwright keeps an event loop in the thread for as long as it is there, and Django refuses
    to ask the database from a thread with one.
    """
    try:
        with launched() as chromium:
            yield chromium
    except NoChromium as missing:
        pytest.fail(str(missing), pytrace=False)


def photograph(browser: Browser, name: str) -> None:
    """Keep what each open page shows, for a person, if $SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        for number, page in enumerate(page for context in browser.contexts for page in context.pages):
            page.screenshot(path=Path(folder) / f"{name}-{number}.png")
