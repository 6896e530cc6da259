"""A real Chromium for the tests that look at pages as people do."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from launch.chromium import ChromiumMissing, find_chromium

PATIENCE_MS = 20_000  # for a page of a machine that does much else
ARGUMENTS = [
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@contextmanager
def launched() -> Iterator[Browser]:
    """One browser process for as long as the block runs. Raises ChromiumMissing."""
    program = find_chromium()
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        arguments = [*ARGUMENTS, "--no-sandbox"] if os.geteuid() == 0 else ARGUMENTS
        browser = playwright.chromium.launch(executable_path=program, args=arguments)
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
    except ChromiumMissing as missing:
        pytest.fail(str(missing), pytrace=False)


def photograph(browser: Browser, name: str) -> None:
    """Keep what each open page shows, for a person, if $SCREENSHOTS names a folder."""
    if folder := os.environ.get("SCREENSHOTS"):
        for number, page in enumerate(page for context in browser.contexts for page in context.pages):
            page.screenshot(path=Path(folder) / f"{name}-{number}.png")
