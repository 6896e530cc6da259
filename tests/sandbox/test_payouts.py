"""Payouts (docs.stripe.com/api/payouts, docs.stripe.com/payouts/reconciliation)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.asking import (
    Document,
    event_types,
    members,
    number,
    paid,
    refused_get,
    refused_order,
    section,
)
from tests.sandbox.conformance import deviations
from tests.sandbox_process import SandboxProcess, running_sandbox

NET = 2500 - 63
DAY_S = 24 * 3600


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[SandboxProcess]:
    """An account of the test's own, with nothing in it."""
    with running_sandbox(tmp_path) as process:
        yield process


def available(sandbox: SandboxProcess, **more: str) -> Document:
    """A payment whose money can be paid out at once (docs.stripe.com/testing#available-balance)."""
    return paid(sandbox, "pm_card_bypassPending", capture_method="automatic", **more)


def paid_out(sandbox: SandboxProcess) -> list[Document]:
    return members(sandbox.control("payouts", {}))


def transactions(sandbox: SandboxProcess, payout: Document) -> list[Document]:
    return members(sandbox.get("/v1/balance_transactions", payout=str(payout["id"])))


def funds(sandbox: SandboxProcess) -> int:
    [euros] = members(sandbox.get("/v1/balance"), "available")
    return number(euros, "amount")


def test_all_that_is_available_is_paid_out_for_each_currency(sandbox: SandboxProcess) -> None:
    available(sandbox)
    available(sandbox, currency="usd")
    paid(sandbox, capture_method="automatic")

    payouts = paid_out(sandbox)

    assert {payout["currency"]: payout["amount"] for payout in payouts} == {"eur": NET, "usd": 2500 - 103}
    assert paid_out(sandbox) == []


def test_a_payout_has_every_field_that_stripes_types_promise(sandbox: SandboxProcess) -> None:
    available(sandbox)

    [payout] = paid_out(sandbox)

    assert deviations(payout) == []
    assert deviations(sandbox.get("/v1/events", type="payout.*")) == []
    assert (payout["status"], payout["automatic"], payout["type"]) == ("in_transit", True, "bank_account")
    assert sandbox.get(f"/v1/payouts/{payout['id']}") == payout


def test_a_payouts_transactions_can_be_listed_once_it_is_reconciled(sandbox: SandboxProcess) -> None:
    intent = available(sandbox)
    sandbox.post("/v1/refunds", payment_intent=str(intent["id"]), amount="400")

    [payout] = paid_out(sandbox)
    early = transactions(sandbox, payout)
    sandbox.control("clock", {"advance_s": 2})
    paid_in_it = transactions(sandbox, payout)

    assert early == []
    assert [one["type"] for one in paid_in_it] == ["payout", "refund", "charge"]
    assert sum(number(one, "net") for one in paid_in_it) == 0
    assert number(paid_in_it[0], "amount") == -number(payout, "amount") == -(NET - 400)
    assert "sandbox" not in paid_in_it[0]
    assert event_types(sandbox, str(payout["id"])) == [
        "payout.created",
        "payout.updated",
        "payout.reconciliation_completed",
    ]


def test_a_payout_arrives_on_its_day(sandbox: SandboxProcess) -> None:
    available(sandbox)
    [payout] = paid_out(sandbox)

    sandbox.control("clock", {"advance_s": DAY_S})
    arrived = sandbox.get(f"/v1/payouts/{payout['id']}")

    assert arrived["status"] == "paid"
    assert number(payout, "arrival_date") % DAY_S == 0
    assert section(arrived, "trace_id")["status"] == "supported"
    assert event_types(sandbox, str(payout["id"]))[-1] == "payout.paid"
    assert funds(sandbox) == 0


def test_a_payout_that_comes_back_is_paid_out_again_with_the_next(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/api/payouts/object: some payouts that fail show as paid first."""
    available(sandbox)
    [payout] = paid_out(sandbox)
    sandbox.control(f"payouts/{payout['id']}/pay", {})

    failed = sandbox.control(f"payouts/{payout['id']}/fail", {})

    assert (failed["status"], failed["failure_code"]) == ("failed", "account_closed")
    back = sandbox.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}")
    assert (back["type"], back["reporting_category"], back["net"]) == ("payout_failure", "payout_reversal", NET)
    assert back["description"] == "REFUND FOR PAYOUT (STRIPE PAYOUT)"
    assert event_types(sandbox, str(payout["id"]))[-1] == "payout.failed"
    assert funds(sandbox) == NET
    [again] = paid_out(sandbox)
    assert again["amount"] == NET
    assert "is failed" in refused_order(sandbox, f"payouts/{payout['id']}/fail", {})


def test_a_balance_below_zero_is_not_paid_out(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, capture_method="automatic")
    sandbox.post("/v1/refunds", payment_intent=str(intent["id"]))

    assert paid_out(sandbox) == []
    assert funds(sandbox) == -2500


def test_payouts_are_listed_by_status_and_day(sandbox: SandboxProcess) -> None:
    available(sandbox)
    [payout] = paid_out(sandbox)

    def found(**query: str) -> list[object]:
        return [one["id"] for one in members(sandbox.get("/v1/payouts", **query))]

    assert found(status="in_transit") == [payout["id"]]
    assert found(status="paid") == []
    assert found(arrival_date=str(payout["arrival_date"])) == [payout["id"]]
    assert found(**{"arrival_date[gt]": str(payout["arrival_date"])}) == []


def test_a_payout_that_does_not_exist_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, "/v1/payouts/po_none")
    assert (status, error["param"]) == (404, "payout")

    status, error = refused_get(sandbox, "/v1/balance_transactions", payout="po_none")
    assert (status, error["code"], error["param"]) == (400, "resource_missing", "payout")
