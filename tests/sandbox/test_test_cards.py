"""The documented test cards (docs.stripe.com/testing#declined-payments, #cards; docs.stripe.com/declines/codes;
docs.stripe.com/error-codes; docs.stripe.com/declines/card#retrying-issuer-declines for advice codes).
"""

from __future__ import annotations

import pytest

from sandbox.instruments import cards
from tests.sandbox.asking import paid, refused, section
from tests.sandbox.conformance import deviations
from tests.sandbox.wire import send
from tests.sandbox_process import PUBLISHABLE_KEY, SandboxProcess

CARD = {"amount": "2500", "currency": "eur", "allowed_payment_method_types[0]": "card", "confirm": "true"}


@pytest.mark.parametrize(
    ("card", "code", "decline_code"),
    [
        ("pm_card_chargeDeclined", "card_declined", "generic_decline"),
        ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
        ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
        ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
        ("pm_card_visa_chargeDeclinedVelocityLimitExceeded", "card_declined", "card_velocity_exceeded"),
        ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card"),
        ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
        ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error"),
        ("pm_card_chargeCustomerFail", "card_declined", "generic_decline"),
        ("pm_card_radarBlock", "card_declined", "fraudulent"),
        ("pm_card_riskLevelHighest", "card_declined", "fraudulent"),
    ],
)
def test_each_declining_card_has_its_codes(sandbox: SandboxProcess, card: str, code: str, decline_code: str) -> None:
    status, error = refused(sandbox, "/v1/payment_intents", payment_method=card, **CARD)

    assert (status, error["type"]) == (402, "card_error")
    assert (error["code"], error["decline_code"]) == (code, decline_code)
    assert error["doc_url"] == f"https://stripe.com/docs/error-codes/{code.replace('_', '-')}"
    charge = sandbox.get(f"/v1/charges/{error['charge']}")
    assert (charge["status"], charge["failure_code"], charge["failure_message"]) == ("failed", code, error["message"])
    intent = section(error, "payment_intent")
    last = section(intent, "last_payment_error")
    assert {name: last[name] for name in ("code", "decline_code", "message", "charge")} == {
        name: error[name] for name in ("code", "decline_code", "message", "charge")
    }
    assert section(error, "payment_method")["id"] == charge["payment_method"]


@pytest.mark.parametrize(
    ("card", "param"),
    [("pm_card_chargeDeclinedExpiredCard", "exp_month"), ("pm_card_chargeDeclinedIncorrectCvc", "cvc")],
)
def test_a_field_that_the_bank_found_wrong_is_named(sandbox: SandboxProcess, card: str, param: str) -> None:
    _, error = refused(sandbox, "/v1/payment_intents", payment_method=card, **CARD)

    assert error["param"] == param


def test_a_payment_that_risk_control_blocks_never_reaches_the_bank(sandbox: SandboxProcess) -> None:
    _, error = refused(sandbox, "/v1/payment_intents", payment_method="pm_card_radarBlock", **CARD)

    outcome = section(sandbox.get(f"/v1/charges/{error['charge']}"), "outcome")
    assert (outcome["type"], outcome["network_status"]) == ("blocked", "not_sent_to_network")
    assert (outcome["risk_level"], outcome["reason"]) == ("highest", "highest_risk_level")


@pytest.mark.parametrize(
    ("card", "brand", "last4", "country"),
    [
        ("pm_card_visa", "visa", "4242", "US"),
        ("pm_card_visa_debit", "visa", "5556", "US"),
        ("pm_card_mastercard", "mastercard", "4444", "US"),
        ("pm_card_amex", "amex", "0005", "US"),
        ("pm_card_discover", "discover", "1117", "US"),
        ("pm_card_diners", "diners", "0004", "US"),
        ("pm_card_jcb", "jcb", "0505", "JP"),
        ("pm_card_unionpay", "unionpay", "0005", "CN"),
        ("pm_card_de", "visa", "0016", "DE"),
        ("pm_card_fr", "visa", "0003", "FR"),
        ("pm_card_gb", "visa", "0000", "GB"),
        ("pm_card_gb_debit", "visa", "0005", "GB"),
        ("pm_card_gb_mastercard", "mastercard", "4449", "GB"),
        ("pm_card_ae_mastercard", "mastercard", "0022", "AE"),
        ("pm_card_th_debit", "visa", "0008", "TH"),
        ("pm_card_visa_cartesBancaires", "visa", "1001", "FR"),
        ("pm_card_debit_visaHsaProductCode", "visa", "0072", "US"),
    ],
)
def test_each_succeeding_card_shows_what_it_is(
    sandbox: SandboxProcess, card: str, brand: str, last4: str, country: str
) -> None:
    intent = paid(sandbox, card)

    shown = section(sandbox.get(f"/v1/charges/{intent['latest_charge']}"), "payment_method_details", "card")
    assert (shown["brand"], shown["last4"], shown["country"]) == (brand, last4, country)


@pytest.mark.parametrize(
    ("card", "checks"),
    [
        ("pm_card_visa", {"address_postal_code_check": "pass", "cvc_check": "pass"}),
        ("pm_card_avsZipFail", {"address_postal_code_check": "fail"}),
        ("pm_card_avsFail", {"address_postal_code_check": "fail", "address_line1_check": "fail"}),
        ("pm_card_cvcCheckFail", {"cvc_check": "fail"}),
    ],
)
def test_checks_of_address_and_code_are_told_and_do_not_decline(
    sandbox: SandboxProcess, card: str, checks: dict[str, str]
) -> None:
    number = str(section(sandbox.get(f"/v1/payment_methods/{card}"), "card")["last4"])
    typed = {
        "type": "card",
        "card[number]": f"400000000000{number}" if number != "4242" else "4242424242424242",
        "card[exp_month]": "12",
        "card[exp_year]": "2034",
        "card[cvc]": "123",
        "billing_details[address][line1]": "Main Street 1",
        "billing_details[address][postal_code]": "10115",
    }
    method = send(sandbox, "POST", "/v1/payment_methods", typed, key=PUBLISHABLE_KEY).body

    intent = paid(sandbox, str(method["id"]))

    charge = sandbox.get(f"/v1/charges/{intent['latest_charge']}")
    told = section(charge, "payment_method_details", "card", "checks")
    assert {name: told[name] for name in checks} == checks


@pytest.mark.parametrize(
    ("card", "networks"),
    [
        ("pm_card_visa", ["visa"]),
        ("pm_card_visa_cartesBancaires", ["cartes_bancaires", "visa"]),
        ("pm_card_mastercard_cartesBancaires", ["cartes_bancaires", "mastercard"]),
        ("pm_card_visa_debit_eftposAuCoBranded", ["eftpos_au", "visa"]),
        ("pm_card_mastercard_debit_eftposAuCoBranded", ["eftpos_au", "mastercard"]),
    ],
)
def test_a_co_branded_card_runs_on_two_networks(sandbox: SandboxProcess, card: str, networks: list[str]) -> None:
    method = sandbox.get(f"/v1/payment_methods/{card}")

    assert section(method, "card", "networks")["available"] == networks
    assert deviations(method) == []


@pytest.mark.parametrize("card", ["pm_card_cvcCheckFailElevatedRisk", "pm_card_avsZipFailElevatedRisk"])
def test_a_failed_check_may_come_with_an_elevated_risk(sandbox: SandboxProcess, card: str) -> None:
    charge = sandbox.get(f"/v1/charges/{paid(sandbox, card)['latest_charge']}")

    assert section(charge, "outcome")["risk_level"] == "elevated"


def test_every_number_is_one_that_a_form_takes(sandbox: SandboxProcess) -> None:
    """Stripe.js checks the last digit (docs.stripe.com/testing: a number that fails the Luhn check is incorrect)."""
    for card in cards.ALL:
        typed = {"type": "card", "card[number]": card.number, "card[exp_month]": "12", "card[exp_year]": "34"}
        answer = send(sandbox, "POST", "/v1/payment_methods", typed, key=PUBLISHABLE_KEY)
        assert (answer.status, section(answer.body, "card")["last4"]) == (200, card.number[-4:]), card


def test_a_token_of_a_declining_card_is_that_card(sandbox: SandboxProcess) -> None:
    form = {"type": "card", "card[token]": "tok_visa_chargeDeclinedExpiredCard"}

    method = sandbox.post("/v1/payment_methods", **form)

    assert section(method, "card")["last4"] == "0069"
