"""The balance and its transactions (docs.stripe.com/api/balance, docs.stripe.com/api/balance_transactions)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.asking import Document, members, number, paid, refused_get, section
from tests.sandbox.conformance import deviations
from tests.sandbox_process import SandboxProcess, running_sandbox

AT_ONCE = "pm_card_bypassPending"
DAY_S = 24 * 3600


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """An account of the test's own, with nothing in it."""
    with running_sandbox(tmp_path) as process:
        yield process


def settled(sandbox: SandboxProcess, payment_method: str = "pm_card_visa", **more: str) -> Document:
    """A payment whose balance transaction is there with its answer."""
    return paid(sandbox, payment_method, capture_method="automatic", **more)


def funds(sandbox: SandboxProcess, kind: str) -> dict[object, object]:
    return {one["currency"]: one["amount"] for one in members(sandbox.get("/v1/balance"), kind)}


def listed(sandbox: SandboxProcess, **query: str) -> list[Document]:
    return members(sandbox.get("/v1/balance_transactions", **query))


def test_an_account_without_payments_has_nothing_in_its_own_currency(sandbox: SandboxProcess) -> None:
    balance = sandbox.get("/v1/balance")

    assert deviations(balance) == []
    assert balance["available"] == balance["pending"] == [{"amount": 0, "currency": "eur", "source_types": {"card": 0}}]


def test_a_payment_pends_for_two_days_less_its_fee(sandbox: SandboxProcess) -> None:
    settled(sandbox)
    assert (funds(sandbox, "available"), funds(sandbox, "pending")) == ({"eur": 0}, {"eur": 2500 - 63})

    [transaction] = listed(sandbox, type="charge")
    released = number(transaction, "available_on")
    assert released % DAY_S == 0, "a day begins at midnight, UTC"
    assert (released // DAY_S, transaction["status"]) == (number(transaction, "created") // DAY_S + 2, "pending")

    sandbox.control("clock", {"advance_s": 2 * DAY_S})
    [transaction] = listed(sandbox, type="charge")

    assert (transaction["net"], transaction["status"]) == (2437, "available")
    assert (funds(sandbox, "available"), funds(sandbox, "pending")) == ({"eur": 2437}, {"eur": 0})


def test_each_settlement_currency_has_a_balance_of_its_own(sandbox: SandboxProcess) -> None:
    settled(sandbox, AT_ONCE, amount="1000", currency="usd")
    settled(sandbox, AT_ONCE, amount="100000", currency="jpy")

    assert funds(sandbox, "available") == {"eur": 61000 - 940, "usd": 941}
    [yen] = listed(sandbox, currency="eur")
    assert (yen["amount"], yen["exchange_rate"]) == (61000, 0.61)


def test_a_currency_shows_as_nothing_where_it_only_pends(sandbox: SandboxProcess) -> None:
    settled(sandbox, currency="usd")

    assert (funds(sandbox, "available"), funds(sandbox, "pending")) == ({"eur": 0, "usd": 0}, {"eur": 0, "usd": 2397})


def test_refunds_and_disputes_draw_on_what_is_available(sandbox: SandboxProcess) -> None:
    first, second = settled(sandbox, AT_ONCE), settled(sandbox, AT_ONCE)

    sandbox.post("/v1/refunds", payment_intent=str(first["id"]), amount="1000")
    sandbox.control("disputes", {"charge": second["latest_charge"]})

    assert funds(sandbox, "available") == {"eur": 2 * 2437 - 1000 - 2500 - 2000}


def test_the_list_is_filtered_by_source_type_currency_and_time(sandbox: SandboxProcess) -> None:
    intent = settled(sandbox)
    refund = sandbox.post("/v1/refunds", payment_intent=str(intent["id"]))
    charge, back = listed(sandbox, source=str(intent["latest_charge"])), listed(sandbox, source=str(refund["id"]))

    assert [one["type"] for one in charge + back] == ["charge", "refund"]
    assert [one["id"] for one in listed(sandbox, type="refund")] == [back[0]["id"]]
    assert listed(sandbox, currency="usd") == []
    created = number(charge[0], "created")
    assert len(listed(sandbox, **{"created[gte]": str(created)})) == 2
    assert listed(sandbox, **{"created[lt]": str(created)}) == []


def test_a_transaction_shows_all_fields_its_fee_and_its_source(sandbox: SandboxProcess) -> None:
    intent = settled(sandbox, description="Two tea cups")
    charge = sandbox.get(f"/v1/charges/{intent['latest_charge']}", **{"expand[0]": "balance_transaction"})
    transaction = section(charge, "balance_transaction")

    assert deviations(transaction) == []
    assert (transaction["description"], transaction["net"]) == ("Two tea cups", 2500 - 63)
    refund = sandbox.post("/v1/refunds", charge=str(charge["id"]), amount="100")
    [back] = listed(sandbox, source=str(refund["id"]))
    assert back["description"] == "REFUND FOR CHARGE (Two tea cups)"
    [fee] = members(transaction, "fee_details")
    assert (fee["amount"], fee["type"]) == (63, "stripe_fee")


def test_a_transaction_that_does_not_exist_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, "/v1/balance_transactions/txn_none")

    assert (status, error["code"]) == (404, "resource_missing")
