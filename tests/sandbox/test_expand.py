"""Expanding answers (docs.stripe.com/expand, docs.stripe.com/api/expanding_objects)."""

from __future__ import annotations

import pytest

from sandbox.expand import MAXIMUM_DEPTH, TABLE
from tests.sandbox.asking import Document, members, paid, refused, refused_get, section
from tests.sandbox.conformance import deviations
from tests.sandbox.expandable_fields import fields, table
from tests.sandbox_process import SandboxProcess

INTENTS = "/v1/payment_intents"


@pytest.fixture(scope="module")
def intent(sandbox: SandboxProcess) -> Document:
    intent = paid(sandbox, capture_method="automatic")
    sandbox.post("/v1/refunds", payment_intent=str(intent["id"]), amount="100")
    return intent


def read(sandbox: SandboxProcess, path: str, *expanded: str) -> Document:
    return sandbox.get(path, **{f"expand[{position}]": name for position, name in enumerate(expanded)})


def test_an_id_becomes_the_object(sandbox: SandboxProcess, intent: Document) -> None:
    path = f"{INTENTS}/{intent['id']}"

    expanded = read(sandbox, path, "latest_charge", "payment_method")

    assert section(expanded, "latest_charge") == sandbox.get(f"/v1/charges/{intent['latest_charge']}")
    assert section(expanded, "payment_method")["id"] == intent["payment_method"]
    assert read(sandbox, path)["latest_charge"] == intent["latest_charge"]


def test_dots_lead_on_up_to_four_levels(sandbox: SandboxProcess, intent: Document) -> None:
    path = f"{INTENTS}/{intent['id']}"

    deep = read(sandbox, path, "latest_charge.balance_transaction.source.payment_intent")

    transaction = section(deep, "latest_charge", "balance_transaction")
    assert section(transaction, "source", "payment_intent")["id"] == intent["id"]

    five = "latest_charge.balance_transaction.source.payment_intent.latest_charge"
    status, error = refused_get(sandbox, path, **{"expand[]": five})
    assert (status, error["type"]) == (400, "invalid_request_error")
    assert "more than 4 levels" in str(error["message"])


def test_every_member_of_a_list_expands_below_data(sandbox: SandboxProcess, intent: Document) -> None:
    listed = read(sandbox, INTENTS, "data.latest_charge.balance_transaction")

    [member] = members(listed)
    assert section(member, "latest_charge", "balance_transaction")["type"] == "charge"
    status, error = refused_get(sandbox, INTENTS, **{"expand[]": "latest_charge"})
    assert status == 400
    assert "data.latest_charge" in str(error["message"])


def test_a_charges_refunds_are_shown_on_request_only(sandbox: SandboxProcess, intent: Document) -> None:
    path = f"/v1/charges/{intent['latest_charge']}"
    assert "refunds" not in sandbox.get(path)

    refunds = section(read(sandbox, path, "refunds.data.balance_transaction"), "refunds")

    [refund] = members(refunds)
    assert (refund["amount"], section(refund, "balance_transaction")["amount"]) == (100, -100)


def test_a_null_stays_null(sandbox: SandboxProcess) -> None:
    waiting = sandbox.post(INTENTS, amount="2500", currency="eur")

    path = f"{INTENTS}/{waiting['id']}"
    assert read(sandbox, path, "latest_charge.balance_transaction", "customer")["latest_charge"] is None


def test_a_write_expands_its_answer(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, **{"expand[]": "latest_charge"})

    assert section(intent, "latest_charge")["paid"] is True


@pytest.mark.parametrize("name", ["nothing", "amount", "status", "latest_charge.nothing", "metadata"])
def test_what_is_no_reference_cannot_be_expanded(sandbox: SandboxProcess, intent: Document, name: str) -> None:
    status, error = refused_get(sandbox, f"{INTENTS}/{intent['id']}", **{"expand[]": name})

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert error["message"] == f"This property cannot be expanded ({name})."
    assert "code" not in error and "param" not in error


def test_a_write_with_a_wrong_expansion_is_not_done(sandbox: SandboxProcess, intent: Document) -> None:
    form = {"payment_intent": str(intent["id"]), "amount": "1"}
    status, _ = refused(sandbox, "/v1/refunds", **form, **{"expand[]": "nothing"})

    assert status == 400
    amounts = [refund["amount"] for refund in members(sandbox.get("/v1/refunds"))]
    assert 1 not in amounts


def test_the_table_is_what_the_packages_types_say() -> None:
    assert TABLE.read_text() == table()


@pytest.fixture(scope="module")
def examples(sandbox: SandboxProcess) -> dict[str, str]:
    """The address of an object of each kind."""
    intent = paid(sandbox, "pm_card_bypassPending", capture_method="automatic")
    charge = sandbox.get(f"/v1/charges/{intent['latest_charge']}")
    refund = sandbox.post("/v1/refunds", payment_intent=str(intent["id"]), amount="100")
    [payout] = members(sandbox.control("payouts", {}))
    dispute = sandbox.control("disputes", {"charge": charge["id"]})
    return {
        "balance_transaction": f"/v1/balance_transactions/{charge['balance_transaction']}",
        "charge": f"/v1/charges/{charge['id']}",
        "confirmation_token": f"/v1/confirmation_tokens/{sandbox.token('pm_card_visa')}",
        "dispute": f"/v1/disputes/{dispute['id']}",
        "payment_intent": f"{INTENTS}/{intent['id']}",
        "payment_method": f"/v1/payment_methods/{intent['payment_method']}",
        "payout": f"/v1/payouts/{payout['id']}",
        "refund": f"/v1/refunds/{refund['id']}",
    }


def test_all_that_is_documented_as_expandable_can_be_asked_for(
    sandbox: SandboxProcess, examples: dict[str, str]
) -> None:
    for kind, path in fields():
        if path.count(".") < MAXIMUM_DEPTH:
            assert deviations(read(sandbox, examples[kind], path)) == []


def test_a_refund_leads_to_the_method_that_had_paid(sandbox: SandboxProcess, examples: dict[str, str]) -> None:
    refund = read(sandbox, examples["refund"], "payment_method", "customer")

    assert section(refund, "payment_method", "card")["last4"] == "0077"
    assert refund["customer"] is None


def test_a_payout_leads_to_its_bank_account(sandbox: SandboxProcess, examples: dict[str, str]) -> None:
    account = section(read(sandbox, examples["payout"], "destination"), "destination")

    assert (account["object"], account["currency"], account["status"]) == ("bank_account", "eur", "verified")


def test_a_file_of_the_evidence_that_is_not_there_stays_null(sandbox: SandboxProcess, examples: dict[str, str]) -> None:
    dispute = read(sandbox, examples["dispute"], "evidence.receipt", "charge.balance_transaction")

    assert section(dispute, "evidence")["receipt"] is None
    assert section(dispute, "charge", "balance_transaction")["object"] == "balance_transaction"
