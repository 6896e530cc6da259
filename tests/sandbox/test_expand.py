"""Expanding answers (docs.stripe.com/expand, docs.stripe.com/api/expanding_objects)."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, members, paid, refused, refused_get, section
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


def test_a_write_with_a_wrong_expansion_is_not_done(sandbox: SandboxProcess, intent: Document) -> None:
    form = {"payment_intent": str(intent["id"]), "amount": "1"}
    status, _ = refused(sandbox, "/v1/refunds", **form, **{"expand[]": "nothing"})

    assert status == 400
    amounts = [refund["amount"] for refund in members(sandbox.get("/v1/refunds"))]
    assert 1 not in amounts
