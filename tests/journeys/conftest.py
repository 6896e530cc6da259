from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from launch.ports import free_ports
from launch.shop import Plan, Shop, running_shop
from tests.browser import PATIENCE_MS
from tests.browser import browser as browser
from tests.journeys.gateway import GatewayTruth


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The whole shop as processes: database, sandbox, web and worker."""
    plan = Plan(tmp_path_factory.mktemp("shop"), free_ports, "journeys.env", fresh=True)
    with running_shop(plan, say=print) as shop:
        yield shop


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A new visitor's window."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin")
    context.set_default_timeout(PATIENCE_MS)
    yield context.new_page()
    context.close()


@pytest.fixture
def gateway(shop: Shop) -> GatewayTruth:
    return GatewayTruth(shop.sandbox_url, shop.environment["STRIPE_SECRET_KEY"])
