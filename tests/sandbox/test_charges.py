"""Charges (docs.stripe.com/api/charges: the object, retrieve, update, list; docs.stripe.com/payments/payment-intents
/asynchronous-capture for the balance transaction that comes later).
"""

from __future__ import annotations

from tests.sandbox.asking import (
    Document,
    event_types,
    members,
    number,
    paid,
    refused,
    refused_get,
    section,
    until,
)
from tests.sandbox.wire import send
from tests.sandbox_process import SandboxProcess

PATH = "/v1/charges"


def charge_of(sandbox: SandboxProcess, intent: Document) -> Document:
    return sandbox.get(f"{PATH}/{intent['latest_charge']}")


def test_a_charge_tells_how_it_was_paid(sandbox: SandboxProcess) -> None:
    charge = charge_of(sandbox, paid(sandbox))

    card = section(charge, "payment_method_details", "card")
    assert (card["brand"], card["last4"], card["country"], card["funding"]) == ("visa", "4242", "US", "credit")
    assert card["amount_authorized"] == 2500
    outcome = section(charge, "outcome")
    assert (outcome["type"], outcome["network_status"], outcome["risk_level"]) == (
        "authorized",
        "approved_by_network",
        "normal",
    )
    assert (charge["refunded"], charge["amount_refunded"], charge["disputed"]) == (False, 0, False)
    assert "refunds" not in charge


def test_by_default_the_balance_transaction_comes_later_and_is_told(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox)
    charge_id = str(intent["latest_charge"])
    [at_first] = members(sandbox.get("/v1/events", type="charge.succeeded", limit="1"))
    assert section(at_first, "data", "object")["balance_transaction"] is None

    charge = until(lambda: charge_of(sandbox, intent), lambda found: found["balance_transaction"] is not None)

    transaction = sandbox.get(f"/v1/balance_transactions/{charge['balance_transaction']}")
    assert (transaction["source"], transaction["amount"], transaction["type"]) == (charge_id, 2500, "charge")
    assert event_types(sandbox, charge_id) == ["charge.succeeded", "charge.updated"]
    [told] = members(sandbox.get("/v1/events", type="charge.updated", limit="1"))
    assert section(told, "data", "previous_attributes") == {"balance_transaction": None}
    assert section(told, "request") == {"id": None, "idempotency_key": None}


def test_with_synchronous_capture_it_is_there_at_once(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox, capture_method="automatic")

    assert str(charge_of(sandbox, intent)["balance_transaction"]).startswith("txn_")


def test_a_failed_charge_moves_no_money(sandbox: SandboxProcess) -> None:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}
    _, error = refused(sandbox, "/v1/payment_intents", payment_method="pm_card_chargeDeclined", **form)

    charge = sandbox.get(f"{PATH}/{error['charge']}")
    assert (charge["status"], charge["paid"], charge["captured"]) == ("failed", False, False)
    assert (charge["failure_code"], charge["balance_transaction"]) == ("card_declined", None)
    assert section(charge, "outcome")["type"] == "issuer_declined"
    assert section(charge, "outcome")["reason"] == "generic_decline"
    assert section(charge, "outcome")["seller_message"] == (
        "The bank did not return any further details with this decline."
    )


def test_a_failed_charge_authorized_nothing_and_has_no_receipt(sandbox: SandboxProcess) -> None:
    """As recorded of the API; Stripe's own documents print the seller's message (markdoc.dev/docs/tags#and-or)."""
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}
    form |= {"capture_method": "manual", "payment_method": "pm_card_visa_chargeDeclinedStolenCard"}
    _, error = refused(sandbox, "/v1/payment_intents", **form)

    charge = sandbox.get(f"{PATH}/{error['charge']}")
    card = section(charge, "payment_method_details", "card")
    assert (charge["receipt_url"], charge["fraud_details"]) == (None, {})
    assert card["amount_authorized"] is None
    assert "capture_before" not in card
    assert section(card, "overcapture") == {"maximum_amount_capturable": 2500, "status": "unavailable"}
    assert section(charge, "outcome")["seller_message"] == "The bank returned the decline code `stolen_card`."


def test_a_charge_that_was_blocked_tells_the_rule_and_the_suspicion(sandbox: SandboxProcess) -> None:
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}
    _, error = refused(sandbox, "/v1/payment_intents", payment_method="pm_card_radarBlock", **form)

    charge = sandbox.get(f"{PATH}/{error['charge']}")
    assert section(charge, "outcome")["rule"] == "block_if_high_risk"
    assert charge["fraud_details"] == {"stripe_report": "fraudulent"}
    card = section(charge, "payment_method_details", "card")
    assert (card["authorization_code"], card["network_transaction_id"]) == (None, None), "no network was asked"


def test_what_was_checked_of_a_card_shows_on_its_method(sandbox: SandboxProcess) -> None:
    """docs.stripe.com/api/payment_methods/object (`card.checks`: unchecked until a charge)."""
    unchecked = {"address_line1_check": None, "address_postal_code_check": "unchecked", "cvc_check": "unchecked"}
    form = {"type": "card", "card[token]": "tok_visa", "billing_details[address][postal_code]": "10115"}
    made = sandbox.post("/v1/payment_methods", **form)
    assert section(made, "card", "checks") == unchecked

    paid(sandbox, str(made["id"]))

    passed = {"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"}
    assert section(sandbox.get(f"/v1/payment_methods/{made['id']}"), "card", "checks") == passed
    form = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}
    _, error = refused(sandbox, "/v1/payment_intents", payment_method="pm_card_chargeDeclined", **form)
    assert section(error, "payment_method", "card", "checks")["cvc_check"] == "pass"


def test_words_about_a_charge_change_and_are_told(sandbox: SandboxProcess) -> None:
    charge_id = paid(sandbox, capture_method="automatic", description="before")["latest_charge"]

    changed = sandbox.post(
        f"{PATH}/{charge_id}",
        description="after",
        receipt_email="a@example.com",
        **{
            "metadata[a]": "1",
            "fraud_details[user_report]": "safe",
            "shipping[name]": "Ada",
            "shipping[address][city]": "X",
        },
    )

    assert (changed["description"], changed["receipt_email"], changed["metadata"]) == (
        "after",
        "a@example.com",
        {"a": "1"},
    )
    assert changed["fraud_details"] == {"user_report": "safe"}
    assert sandbox.get(f"{PATH}/{charge_id}") == changed
    [told] = members(sandbox.get("/v1/events", type="charge.updated", limit="1"))
    assert section(told, "data", "previous_attributes")["description"] == "before"


def test_money_cannot_be_changed_on_a_charge(sandbox: SandboxProcess) -> None:
    charge_id = paid(sandbox)["latest_charge"]

    status, error = refused(sandbox, f"{PATH}/{charge_id}", amount="1")

    assert (status, error["code"], error["param"]) == (400, "parameter_unknown", "amount")


def test_the_group_of_a_charge_is_its_intents(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox)

    status, error = refused(sandbox, f"{PATH}/{intent['latest_charge']}", transfer_group="together")

    assert (status, error["type"], error.get("param")) == (400, "invalid_request_error", None)
    assert str(error["message"]).startswith(f"This Charge was created by a PaymentIntent ({intent['id']}).")


def test_charges_are_listed_by_payment_and_time(sandbox: SandboxProcess) -> None:
    first, second = paid(sandbox), paid(sandbox, transfer_group="together")

    listed = sandbox.get(PATH, payment_intent=str(first["id"]))
    assert [charge["id"] for charge in members(listed)] == [first["latest_charge"]]
    grouped = members(sandbox.get(PATH, transfer_group="together"))
    assert [charge["id"] for charge in grouped] == [second["latest_charge"]]
    newest = sandbox.get(PATH, limit="2")
    assert [charge["id"] for charge in members(newest)] == [second["latest_charge"], first["latest_charge"]]
    later = str(number(second, "created") + 1)
    assert members(sandbox.get(PATH, **{"created[gte]": later})) == []


def test_an_unknown_charge_is_not_found(sandbox: SandboxProcess) -> None:
    status, error = refused_get(sandbox, f"{PATH}/ch_none")

    assert (status, error["code"], error["param"]) == (404, "resource_missing", "id")
    assert error["message"] == "No such charge: 'ch_none'"


def test_charges_are_made_by_payment_intents_only(sandbox: SandboxProcess) -> None:
    answer = send(sandbox, "POST", PATH, {"amount": "2500", "currency": "eur", "source": "tok_visa"})

    assert answer.status in (400, 404)
