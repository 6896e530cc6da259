"""docs/sandbox.md says what is there: no endpoint, order, card or fault more or less."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from sandbox.app import ENDPOINTS
from sandbox.bank_control import DEEDS
from sandbox.instruments import accounts, cards
from tests.sandbox_process import SandboxProcess

TEXT = (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
FAULTS = re.findall(r'^\| `(\{"on".*?\})` \|', TEXT, re.MULTILINE)


def addresses(prefix: str) -> set[tuple[str, str]]:
    """Each method and path that the text names: `GET POST /v1/refunds` is two."""
    named = re.findall(rf"`((?:(?:GET|POST|DELETE) )+)({prefix}[^`]*)`", TEXT)
    return {(method, path) for methods, path in named for method in methods.split()}


def test_every_endpoint_is_named_and_every_named_one_exists() -> None:
    assert addresses("/v1/") == {(endpoint.method, endpoint.path) for endpoint in ENDPOINTS}


def test_every_order_to_the_banks_is_named() -> None:
    assert {("POST", path) for path in DEEDS} <= addresses("/_control/")


def test_each_card_and_account_is_the_one_that_its_name_stands_for() -> None:
    rows = re.findall(r"^\| (\w+) \| `(pm_\w+)` \|", TEXT, re.MULTILINE)
    numbers = {name: card.number for name, card in cards.BY_PAYMENT_METHOD.items()}
    numbers |= {name: account.number for name, account in accounts.BY_PAYMENT_METHOD.items()}

    assert len(rows) > 20
    assert {name: number for number, name in rows} == {name: numbers[name] for _, name in rows}


@pytest.mark.parametrize("fault", FAULTS)
def test_each_fault_of_the_text_is_taken(sandbox: SandboxProcess, fault: str) -> None:
    armed = sandbox.control("faults", json.loads(fault))

    assert json.loads(fault).items() <= armed.items()


def test_the_text_has_a_fault_of_every_kind() -> None:
    assert len(FAULTS) == 14
