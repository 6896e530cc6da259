"""Every object that the sandbox sends is what Stripe's own Python package says it is at this API version.

Events carry a copy of their object as it was at each step, so that the list of events shows all states.
"""

from __future__ import annotations

from inspect import get_annotations

import pytest
import stripe

from tests.sandbox.asking import Document, members, paid, refused, section, until
from tests.sandbox.conformance import deviations
from tests.sandbox.wire import authenticate
from tests.sandbox_process import SandboxProcess

INTENTS = "/v1/payment_intents"
OPENED = {"amount": "2500", "currency": "eur"}
CARD = {**OPENED, "allowed_payment_method_types[]": "card"}
DESCRIBED = {
    "description": "Two tea cups",
    "receipt_email": "shopper@example.com",
    "statement_descriptor_suffix": "ORDER 7",
    "metadata[reference]": "r-7",
    "shipping[name]": "Ada",
    "shipping[address][city]": "Berlin",
    "shipping[phone]": "+49 30 0",
}


@pytest.fixture(scope="module", autouse=True)
def everything(sandbox: SandboxProcess) -> None:
    """All that can happen to a card payment, once."""
    _open(sandbox)
    _pay(sandbox)
    _fail(sandbox)
    _authenticate(sandbox)
    _refund(sandbox)
    _dispute_and_pay_out(sandbox)


def _open(sandbox: SandboxProcess) -> None:
    sandbox.post(INTENTS, **OPENED)
    sandbox.post(INTENTS, amount="2500", currency="usd")
    sandbox.post(INTENTS, **CARD, **DESCRIBED, payment_method="pm_card_visa")
    waiting = sandbox.post(INTENTS, **OPENED, **{"excluded_payment_method_types[]": "bancontact"})
    sandbox.post(f"{INTENTS}/{waiting['id']}/cancel", cancellation_reason="duplicate")


def _pay(sandbox: SandboxProcess) -> None:
    paid(sandbox, **DESCRIBED)
    paid(sandbox, currency="jpy", capture_method="automatic")
    charge = paid(sandbox)["latest_charge"]
    sandbox.post(f"/v1/charges/{charge}", **{"fraud_details[user_report]": "safe", "metadata[a]": "1"})
    held, part, let_go = (paid(sandbox, capture_method="manual") for _ in range(3))
    sandbox.post(f"{INTENTS}/{held['id']}/capture")
    sandbox.post(f"{INTENTS}/{part['id']}/capture", amount_to_capture="1000")
    sandbox.post(f"{INTENTS}/{let_go['id']}/cancel")
    paid(sandbox, **{"payment_method_options[card][capture_method]": "manual"})


def _fail(sandbox: SandboxProcess) -> None:
    for card in ("pm_card_chargeDeclined", "pm_card_chargeDeclinedExpiredCard", "pm_card_radarBlock"):
        refused(sandbox, INTENTS, **CARD, payment_method=card, confirm="true")


def _authenticate(sandbox: SandboxProcess) -> None:
    card, back = "pm_card_threeDSecure2Required", "https://shop.test/back"
    authenticate(paid(sandbox, card, return_url=back), "complete")
    authenticate(paid(sandbox, card, use_stripe_sdk="true"), "fail")
    paid(sandbox, card, return_url=back)


def _refund(sandbox: SandboxProcess) -> None:
    for card in ("pm_card_visa", "pm_card_pendingRefund"):
        intent = paid(sandbox, card, capture_method="automatic")
        form = {"payment_intent": str(intent["id"]), "amount": "1000"}
        sandbox.post("/v1/refunds", **form, reason="duplicate")
        refund = sandbox.post("/v1/refunds", **form)
        sandbox.control(f"refunds/{refund['id']}/fail", {})


def _dispute_and_pay_out(sandbox: SandboxProcess) -> None:
    charge = paid(sandbox, "pm_card_bypassPending", capture_method="automatic")["latest_charge"]
    sandbox.control("payouts", {})
    sandbox.control("disputes", {"charge": charge})
    inquired = paid(sandbox, capture_method="automatic")["latest_charge"]
    sandbox.control("disputes", {"charge": inquired, "inquiry": True})


@pytest.mark.parametrize(
    ("kind", "fewest"),
    [
        ("payment_intents", 20),
        ("charges", 15),
        ("refunds", 4),
        ("balance_transactions", 15),
        ("disputes", 2),
        ("payouts", 1),
    ],
)
def test_all_objects_of_a_kind_are_as_the_package_says(sandbox: SandboxProcess, kind: str, fewest: int) -> None:
    listed = sandbox.get(f"/v1/{kind}", limit="100")

    assert len(members(listed)) >= fewest
    assert deviations(listed) == []


def test_all_events_and_what_they_carry_are_as_the_package_says(sandbox: SandboxProcess) -> None:
    page = sandbox.get("/v1/events", limit="100")
    found = deviations(page)
    while page["has_more"]:
        page = sandbox.get("/v1/events", limit="100", starting_after=str(members(page)[-1]["id"]))
        found += deviations(page)

    assert found == []


def test_methods_tokens_and_the_balance_are_as_the_package_says(sandbox: SandboxProcess) -> None:
    token = sandbox.token("pm_card_visa")
    form = {"payment_method": "pm_card_visa", "return_url": "https://shop.test/", "shipping[name]": "Ada"}
    described = sandbox.post("/v1/test_helpers/confirmation_tokens", **form, **{"shipping[address][city]": "Berlin"})
    documents = [
        sandbox.get(f"/v1/confirmation_tokens/{token}"),
        described,
        sandbox.get("/v1/payment_methods/pm_card_visa"),
        sandbox.get("/v1/payment_methods/pm_card_amex"),
        sandbox.get("/v1/balance"),
    ]

    assert [found for document in documents for found in deviations(document)] == []


def test_expanded_objects_are_as_the_package_says(sandbox: SandboxProcess) -> None:
    intents = {"expand[0]": "data.latest_charge.balance_transaction", "expand[1]": "data.payment_method"}
    refunds = {"expand[0]": "data.charge", "expand[1]": "data.balance_transaction", "expand[2]": "data.payment_intent"}
    charge = members(sandbox.get("/v1/refunds", limit="1"))[0]["charge"]

    assert deviations(sandbox.get(INTENTS, **intents)) == []
    assert deviations(sandbox.get("/v1/refunds", **refunds)) == []
    assert deviations(sandbox.get(f"/v1/charges/{charge}", **{"expand[]": "refunds"})) == []


def test_an_error_has_no_field_that_the_package_does_not_know(sandbox: SandboxProcess) -> None:
    known = get_annotations(stripe.ErrorObject).keys()
    declined = refused(sandbox, INTENTS, **CARD, payment_method="pm_card_chargeDeclined", confirm="true")[1]

    assert declined.keys() <= known
    assert deviations(section(declined, "payment_intent")) == []
    assert deviations(section(declined, "payment_method")) == []
    assert refused(sandbox, INTENTS, amount="1")[1].keys() <= known


@pytest.mark.parametrize(
    ("broken", "found"),
    [
        ({"amount": "2500"}, "refund.amount: '2500' is not"),
        ({"amount": True}, "refund.amount: True is not"),
        ({"amount": None}, "refund.amount: None is not"),
        ({"reason": "regret"}, "refund.reason: 'regret' is none of"),
        ({"colour": "red"}, "refund.colour: not in Refund"),
        ({"destination_details": {"card": {}, "type": "card"}}, "refund.destination_details.card.type: missing"),
        ({"metadata": {"a": 1}}, "refund.metadata.a: 1 is not"),
        ({"charge": {"object": "charge"}}, "refund.charge.amount: missing"),
        ({"charge": []}, "refund.charge: a list"),
    ],
)
def test_the_comparison_finds_each_kind_of_deviation(sandbox: SandboxProcess, broken: Document, found: str) -> None:
    refund = members(sandbox.get("/v1/refunds", limit="1"))[0]

    assert deviations(refund) == []
    assert any(deviation.startswith(found) for deviation in deviations(refund | broken))
    without = {name: value for name, value in refund.items() if name != "currency"}
    assert deviations(without) == ["refund.currency: missing"]


def test_the_settled_charge_of_an_asynchronous_capture_conforms(sandbox: SandboxProcess) -> None:
    path = f"/v1/charges/{paid(sandbox)['latest_charge']}"

    assert deviations(until(lambda: sandbox.get(path), lambda charge: charge["balance_transaction"] is not None)) == []
