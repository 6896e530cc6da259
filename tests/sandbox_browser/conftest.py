"""A sandbox and a browser for each process of the run; a shop and a page for each test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import PATIENCE_MS
from tests.browser import browser as browser
from tests.sandbox_browser import gateway as gateways
from tests.sandbox_browser.gateway import Gateway
from tests.sandbox_browser.merchant import Merchant

POLICY = "Content Security Policy"


@pytest.fixture(scope="session")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    with running_gateway(tmp_path_factory.mktemp("sandbox")) as running:
        yield running


@contextmanager
def running_gateway(state: Path, webhook_url: str = "") -> Iterator[Gateway]:
    """A sandbox for as long as the block runs; it must end clean."""
    running, process = gateways.start(state, webhook_url)
    try:
        yield running
    finally:
        process.terminate()
        assert process.wait(10) == 0


@pytest.fixture
def merchant(gateway: Gateway) -> Iterator[Merchant]:
    shop = Merchant(gateway.origin)
    yield shop
    shop.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of the test's own."""
    with blameless_page(browser) as opened:
        yield opened


@contextmanager
def blameless_page(browser: Browser) -> Iterator[Page]:
    """A page that fails its test if a policy forbade something or a script raised."""
    with browser.new_context() as context:
        context.set_default_timeout(PATIENCE_MS)
        opened, complaints = context.new_page(), list[str]()
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        opened.on("console", lambda said: complaints.append(said.text) if POLICY in said.text else None)
        yield opened
        assert complaints == []
