"""Delayed bank debits (docs.stripe.com/payments/sepa-debit, docs.stripe.com/payments/ach-direct-debit)."""

from __future__ import annotations

import pytest

from tests.sandbox.asking import (
    Document,
    event_types,
    members,
    number,
    refused,
    refused_order,
    section,
)
from tests.sandbox.conformance import deviations
from tests.sandbox_process import SandboxProcess

MANDATE = {"mandate_data[customer_acceptance][type]": "offline"}
THREE_MINUTES_S = 180


def ordered(sandbox: SandboxProcess, account: str, **more: str) -> Document:
    """A debit of 25.00 EUR that the bank was asked for."""
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "sepa_debit", **MANDATE, **more}
    return sandbox.post("/v1/payment_intents", payment_method=account, confirm="true", **form)


def read(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"/v1/payment_intents/{intent['id']}")


def charge_of(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"/v1/charges/{intent['latest_charge']}", **{"expand[0]": "balance_transaction"})


def answered(sandbox: SandboxProcess, intent: Document) -> Document:
    """The intent after the bank's answer."""
    sandbox.control("clock", {"advance_s": 2})
    return read(sandbox, intent)


@pytest.mark.parametrize("account", ["pm_success_de", "pm_success_at"])
def test_a_debit_is_processing_until_the_bank_pays(sandbox: SandboxProcess, account: str) -> None:
    intent = ordered(sandbox, account)
    pending = charge_of(sandbox, intent)
    succeeded = answered(sandbox, intent)

    assert (intent["status"], intent["amount_received"]) == ("processing", 0)
    assert (pending["status"], pending["paid"]) == ("pending", False)
    assert charge_of(sandbox, succeeded)["paid"] is True
    assert str(pending["id"]).startswith("py_")
    assert (succeeded["status"], succeeded["amount_received"]) == ("succeeded", 2500)
    assert event_types(sandbox, str(intent["id"])) == [
        "payment_intent.created",
        "payment_intent.processing",
        "payment_intent.succeeded",
    ]
    assert event_types(sandbox, str(pending["id"])) == ["charge.pending", "charge.succeeded"]


def test_a_debits_charge_names_the_account_and_its_mandate(sandbox: SandboxProcess) -> None:
    charge = charge_of(sandbox, ordered(sandbox, "pm_success_de"))

    assert deviations(charge) == []
    account = section(charge, "payment_method_details", "sepa_debit")
    assert (account["bank_code"], account["country"], account["last4"]) == ("37040044", "DE", "3000")
    assert str(account["mandate"]).startswith("mandate_")
    assert charge["calculated_statement_descriptor"] is None


def test_a_debits_money_pends_from_the_start_and_fails_with_it(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/reports/balance-transaction-types: `payment`, then `payment_failure_refund`."""
    intent = ordered(sandbox, "pm_failed_de")
    pending = section(charge_of(sandbox, intent), "balance_transaction")
    answered(sandbox, intent)

    failed = charge_of(sandbox, intent)
    undone = sandbox.get(f"/v1/balance_transactions/{failed['failure_balance_transaction']}")
    assert (pending["type"], pending["reporting_category"], pending["status"]) == ("payment", "charge", "pending")
    assert (pending["amount"], pending["fee"]) == (2500, 35)
    assert (undone["type"], undone["reporting_category"]) == ("payment_failure_refund", "charge_failure")
    assert (undone["amount"], undone["fee"]) == (-2500, -35)
    assert number(undone, "net") + number(pending, "net") == 0
    assert (section(failed, "balance_transaction")["status"], undone["status"]) == ("available", "available")


@pytest.mark.parametrize(
    ("account", "code"),
    [
        ("pm_failed_at", "generic_could_not_process"),
        ("pm_insufficientFunds_de", "insufficient_funds"),
        ("pm_exceedsWeeklyVolumeLimit_de", "charge_exceeds_source_limit"),
        ("pm_exceedsWeeklyTransactionLimit_de", "charge_exceeds_weekly_limit"),
    ],
)
def test_a_refused_debit_leaves_the_intent_open_for_another_method(
    sandbox: SandboxProcess, account: str, code: str
) -> None:
    intent = answered(sandbox, ordered(sandbox, account))
    charge = charge_of(sandbox, intent)

    assert (intent["status"], section(intent, "last_payment_error")["code"]) == ("requires_payment_method", code)
    assert (intent["payment_method"], intent["amount_received"]) == (None, 0)
    assert (charge["status"], charge["failure_code"]) == ("failed", code)
    assert event_types(sandbox, str(intent["id"]))[-1] == "payment_intent.payment_failed"
    again = sandbox.post(f"/v1/payment_intents/{intent['id']}/confirm", payment_method="pm_success_de", **MANDATE)
    assert again["status"] == "processing"


@pytest.mark.parametrize(
    ("account", "status"),
    [("pm_successDelayed_de", "succeeded"), ("pm_failedDelayed_at", "requires_payment_method")],
)
def test_a_slow_banks_answer_takes_three_minutes(sandbox: SandboxProcess, account: str, status: str) -> None:
    intent = ordered(sandbox, account)

    sandbox.control("clock", {"advance_s": THREE_MINUTES_S - 60})
    assert read(sandbox, intent)["status"] == "processing"
    sandbox.control("clock", {"advance_s": 60})
    assert read(sandbox, intent)["status"] == status


def test_a_disputed_debit_is_lost_at_once(sandbox: SandboxProcess) -> None:
    """support.stripe.com/questions/sepa-direct-debit-payment-disputes: they are final."""
    intent = answered(sandbox, ordered(sandbox, "pm_disputed_de"))
    sandbox.control("clock", {"advance_s": 1})

    [dispute] = members(sandbox.get("/v1/disputes", payment_intent=str(intent["id"])))
    assert (dispute["status"], dispute["reason"]) == ("lost", "debit_not_authorized")
    assert dispute["payment_method_details"] is None
    assert number(members(dispute, "balance_transactions")[0], "amount") == -2500


def test_a_debits_refund_pends_before_it_succeeds(sandbox: SandboxProcess) -> None:
    intent = answered(sandbox, ordered(sandbox, "pm_success_de"))

    refund = sandbox.post("/v1/refunds", payment_intent=str(intent["id"]), amount="500")
    transaction = sandbox.get(f"/v1/balance_transactions/{refund['balance_transaction']}")

    assert (refund["status"], str(refund["id"])[:4]) == ("pending", "pyr_")
    assert (transaction["type"], transaction["reporting_category"]) == ("payment_refund", "refund")
    sandbox.control("clock", {"advance_s": 5})
    assert sandbox.get(f"/v1/refunds/{refund['id']}")["status"] == "succeeded"


def test_a_debit_is_settled_or_refused_by_hand(sandbox: SandboxProcess) -> None:
    to_settle, to_fail = ordered(sandbox, "pm_successDelayed_de"), ordered(sandbox, "pm_successDelayed_de")

    settled = sandbox.control(f"payment_intents/{to_settle['id']}/settle", {})
    failed = sandbox.control(f"payment_intents/{to_fail['id']}/fail", {})

    assert (settled["status"], settled["amount_received"]) == ("succeeded", 2500)
    assert failed["status"] == "requires_payment_method"
    assert section(failed, "last_payment_error")["code"] == "insufficient_funds"
    sandbox.control("clock", {"advance_s": THREE_MINUTES_S})
    assert event_types(sandbox, str(to_fail["id"]))[-1] == "payment_intent.payment_failed"
    assert "is succeeded" in refused_order(sandbox, f"payment_intents/{to_settle['id']}/fail", {})
    assert "no PaymentIntent" in refused_order(sandbox, "payment_intents/pi_none/settle", {})


def test_a_debit_in_processing_can_be_neither_refunded_nor_confirmed_again(sandbox: SandboxProcess) -> None:
    intent = ordered(sandbox, "pm_successDelayed_at")

    assert "has not succeeded" in str(refused(sandbox, "/v1/refunds", payment_intent=str(intent["id"]))[1]["message"])
    status, error = refused(sandbox, f"/v1/payment_intents/{intent['id']}/confirm")
    assert (status, error["code"]) == (400, "payment_intent_unexpected_state")


def test_a_debit_needs_a_mandate(sandbox: SandboxProcess) -> None:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "sepa_debit", "confirm": "true"}

    status, error = refused(sandbox, "/v1/payment_intents", payment_method="pm_success_de", **form)

    assert (status, error["code"], error["param"]) == (400, "parameter_missing", "mandate_data")


def test_a_confirmation_token_brings_account_and_mandate(sandbox: SandboxProcess) -> None:
    token = sandbox.token("pm_success_de")
    preview = section(sandbox.get(f"/v1/confirmation_tokens/{token}"), "payment_method_preview")
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "sepa_debit"}

    intent = sandbox.post("/v1/payment_intents", confirm="true", confirmation_token=token, **form)

    assert (intent["status"], section(preview, "sepa_debit")["last4"]) == ("processing", "3000")


def test_an_account_is_given_by_its_number(sandbox: SandboxProcess) -> None:
    account = {"type": "sepa_debit", "sepa_debit[iban]": "DE89 3704 0044 0532 0130 00"}
    payer = {"billing_details[name]": "Ada", "billing_details[email]": "ada@example.com"}

    method = sandbox.post("/v1/payment_methods", **account, **payer)

    assert section(method, "sepa_debit")["bank_code"] == "37040044"
    assert ordered(sandbox, str(method["id"]))["status"] == "processing"
    assert refused(sandbox, "/v1/payment_methods", **account)[1]["param"] == "billing_details[name]"
    wrong = {**account, "sepa_debit[iban]": "DE00123"}
    assert refused(sandbox, "/v1/payment_methods", **wrong, **payer)[1]["code"] == "invalid_bank_account_iban"


@pytest.mark.parametrize("name", ["pm_success_at", "pm_usBankAccount_success"])
def test_an_account_is_shown_as_stripes_types_have_it(sandbox: SandboxProcess, name: str) -> None:
    token = sandbox.get(f"/v1/confirmation_tokens/{sandbox.token(name)}")

    assert deviations(sandbox.get(f"/v1/payment_methods/{name}")) == []
    assert deviations(token) == []


def test_a_debit_is_not_offered_where_it_cannot_be_made(sandbox: SandboxProcess) -> None:
    """Its currency is the euro, and it cannot be held for a capture."""
    form = {"amount": "2500", "allowed_payment_method_types[0]": "sepa_debit"}

    for wrong in ({"currency": "usd"}, {"currency": "eur", "capture_method": "manual"}):
        assert refused(sandbox, "/v1/payment_intents", **form, **wrong)[0] == 400


@pytest.mark.parametrize(
    ("account", "status"),
    [("pm_usBankAccount_success", "succeeded"), ("pm_usBankAccount_accountClosed", "requires_payment_method")],
)
def test_an_american_account_is_debited_in_dollars(sandbox: SandboxProcess, account: str, status: str) -> None:
    form = {"currency": "usd", "allowed_payment_method_types[0]": "us_bank_account"}

    intent = answered(sandbox, ordered(sandbox, account, **form))

    assert intent["status"] == status
    charge = charge_of(sandbox, intent)
    assert (section(charge, "balance_transaction")["fee"], deviations(charge)) == (20, [])


def test_one_american_account_never_answers(sandbox: SandboxProcess) -> None:
    form = {"currency": "usd", "allowed_payment_method_types[0]": "us_bank_account"}
    silent = ordered(sandbox, "pm_usBankAccount_processing", **form)

    sandbox.control("clock", {"advance_s": 30 * 24 * 3600})

    assert read(sandbox, silent)["status"] == "processing"
