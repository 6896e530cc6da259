from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.processes.shopper import Shopper
from tests.faults.processes.town import Town, forget, running_town


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The whole shop as processes, on a PostgreSQL of its own, which may be killed."""
    state = tmp_path_factory.mktemp("state")
    with running_town(state / "town", say=print) as town:
        yield town
    forget(state, "town")


@pytest.fixture
def shopper(town: Town) -> Iterator[Shopper]:
    """A new shopper; the faults that their test armed end with it."""
    yield Shopper(town.shop.url, town.gateway)
    town.gateway.has_no_faults()


@pytest.fixture
def other_shopper(town: Town) -> Shopper:
    return Shopper(town.shop.url, town.gateway)
