"""Create a PaymentIntent (docs.stripe.com/api/payment_intents/create, /object; docs.stripe.com/currencies;
docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents).
"""

from __future__ import annotations

import pytest

from tests.sandbox.asking import Document, event_types, paid, refused, section
from tests.sandbox.conformance import deviations
from tests.sandbox_process import SandboxProcess

PATH = "/v1/payment_intents"
EUROS = {"amount": "2500", "currency": "eur"}
CARD = {"allowed_payment_method_types[0]": "card"}


def created(sandbox: SandboxProcess, **form: str) -> Document:
    return sandbox.post(PATH, **{**EUROS, **form})


def test_a_new_intent_waits_for_a_payment_method(sandbox: SandboxProcess) -> None:
    intent = created(sandbox, **CARD)

    assert intent["status"] == "requires_payment_method"
    assert (intent["amount"], intent["currency"]) == (2500, "eur")
    assert (intent["amount_received"], intent["amount_capturable"]) == (0, 0)
    assert (intent["capture_method"], intent["confirmation_method"]) == ("automatic_async", "automatic")
    assert str(intent["id"]).startswith("pi_")
    assert str(intent["client_secret"]).startswith(f"{intent['id']}_secret_")
    assert intent["livemode"] is False
    for unset in ("latest_charge", "next_action", "last_payment_error", "payment_method", "canceled_at", "shipping"):
        assert intent[unset] is None
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created"]


def test_without_a_word_on_methods_the_dashboards_own_are_used(sandbox: SandboxProcess) -> None:
    intent = created(sandbox)

    assert section(intent, "automatic_payment_methods") == {"allow_redirects": "always", "enabled": True}
    assert "card" in str(intent["payment_method_types"])
    assert intent["allowed_payment_method_types"] is None


def test_the_old_parameter_for_method_types_is_refused_by_its_own_code(sandbox: SandboxProcess) -> None:
    status, error = refused(sandbox, PATH, **EUROS, **{"payment_method_types[]": "card"})

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert error["code"] == "payment_method_types_no_longer_supported"
    assert error["param"] == "payment_method_types"


def test_allowed_types_that_do_not_fit_are_left_out_without_an_error(sandbox: SandboxProcess) -> None:
    intent = created(
        sandbox, **{"allowed_payment_method_types[]": "card", "allowed_payment_method_types[1]": "us_bank_account"}
    )

    assert intent["payment_method_types"] == ["card"]
    assert intent["automatic_payment_methods"] is None


@pytest.mark.parametrize(
    "other",
    [
        {"excluded_payment_method_types[]": "link"},
        {"automatic_payment_methods[enabled]": "true"},
        {"payment_method_configuration": "pmc_1"},
    ],
)
def test_allowed_types_exclude_every_other_way_to_name_types(sandbox: SandboxProcess, other: dict[str, str]) -> None:
    status, error = refused(sandbox, PATH, **EUROS, **CARD, **other)

    assert (status, error["type"]) == (400, "invalid_request_error")


def test_excluded_types_are_not_offered(sandbox: SandboxProcess) -> None:
    intent = created(sandbox, **{"excluded_payment_method_types[]": "bancontact"})

    assert "bancontact" not in str(intent["payment_method_types"])
    assert "card" in str(intent["payment_method_types"])


@pytest.mark.parametrize(
    ("form", "code", "param"),
    [
        ({"currency": "eur"}, "parameter_missing", "amount"),
        ({"amount": "2500"}, "parameter_missing", "currency"),
        ({**EUROS, "amount": "0"}, "parameter_invalid_integer", "amount"),
        ({**EUROS, "amount": "-5"}, "parameter_invalid_integer", "amount"),
        ({**EUROS, "amount": "12.50"}, "parameter_invalid_integer", "amount"),
        ({**EUROS, "amount": "49"}, "amount_too_small", "amount"),
        ({**EUROS, "amount": "100000000"}, "amount_too_large", "amount"),
        ({"amount": "1001", "currency": "kwd"}, "parameter_invalid_integer", "amount"),
        ({**EUROS, "currency": "xxx"}, None, "currency"),
        ({**EUROS, "capture_method": "later"}, None, "capture_method"),
        ({**EUROS, "price": "1"}, "parameter_unknown", "price"),
        ({**EUROS, "receipt_email": "nobody"}, "email_invalid", "receipt_email"),
        ({**EUROS, "customer": "cus_none"}, "resource_missing", "customer"),
        ({**EUROS, "payment_method": "pm_none"}, "resource_missing", "payment_method"),
        ({**EUROS, "transfer_data[destination]": "acct_none"}, "resource_missing", "transfer_data[destination]"),
        ({**EUROS, "application_fee_amount": "10"}, None, "application_fee_amount"),
        ({**EUROS, "statement_descriptor_suffix": "A" * 23}, None, "statement_descriptor_suffix"),
        ({**EUROS, "statement_descriptor_suffix": "<b>"}, None, "statement_descriptor_suffix"),
        ({**EUROS, "return_url": "https://shop.test/back"}, None, "return_url"),
        ({**EUROS, "off_session": "true"}, None, "off_session"),
        ({**EUROS, "confirmation_token": "ctoken_1"}, None, "confirmation_token"),
    ],
)
def test_what_cannot_be_is_refused_by_name(
    sandbox: SandboxProcess, form: dict[str, str], code: str | None, param: str
) -> None:
    status, error = refused(sandbox, PATH, **form)

    assert (status, error["type"]) == (400, "invalid_request_error")
    assert (error.get("code"), error["param"]) == (code, param)
    assert error["message"]


def test_a_payment_of_nothing_is_refused_with_a_word_on_setup_intents(sandbox: SandboxProcess) -> None:
    _, error = refused(sandbox, PATH, **EUROS | {"amount": "0"})

    assert str(error["message"]).startswith("The amount must be greater than or equal to the minimum charge amount")
    assert str(error["message"]).endswith("use a Setup Intent instead: https://docs.stripe.com/payments/setup-intents")


def test_amounts_are_in_the_currencys_own_minor_unit(sandbox: SandboxProcess) -> None:
    assert created(sandbox, amount="50", currency="jpy")["amount"] == 50
    assert created(sandbox, amount="1230", currency="kwd")["amount"] == 1230


def test_what_describes_a_payment_is_kept(sandbox: SandboxProcess) -> None:
    intent = created(
        sandbox,
        description="Two tea cups",
        receipt_email="shopper@example.com",
        statement_descriptor_suffix="ORDER 7",
        transfer_group="group",
        **{
            "metadata[reference]": "r-7",
            "shipping[name]": "Ada",
            "shipping[address][line1]": "Main Street 1",
            "shipping[address][country]": "DE",
        },
    )

    assert (intent["description"], intent["receipt_email"]) == ("Two tea cups", "shopper@example.com")
    assert (intent["statement_descriptor_suffix"], intent["transfer_group"]) == ("ORDER 7", "group")
    assert intent["metadata"] == {"reference": "r-7"}
    shipping = section(intent, "shipping")
    assert (shipping["name"], shipping["phone"], section(shipping, "address")["country"]) == ("Ada", None, "DE")


def test_where_a_card_may_pay_only_a_suffix_can_be_set(sandbox: SandboxProcess) -> None:
    """support.stripe.com/questions/use-of-the-statement-descriptor-parameter-on-paymentintents-for-card-charges"""
    descriptor = {"statement_descriptor": "TEA CUPS"}
    status, error = refused(sandbox, PATH, **EUROS, **descriptor)
    assert (status, error["param"]) == (400, "statement_descriptor")
    assert "not supported for the payment_method_type `card`" in str(error["message"])

    held = paid(sandbox, capture_method="manual")
    for path in (f"{PATH}/{held['id']}", f"{PATH}/{held['id']}/capture"):
        assert refused(sandbox, path, **descriptor)[1]["param"] == "statement_descriptor"

    debit = created(sandbox, **{"allowed_payment_method_types[]": "sepa_debit"}, **descriptor)
    assert debit["statement_descriptor"] == "TEA CUPS"


def test_what_a_payment_is_made_of_is_shown_and_can_be_unset(sandbox: SandboxProcess) -> None:
    intent = created(
        sandbox,
        **{
            "amount_details[discount_amount]": "100",
            "amount_details[shipping][amount]": "0",
            "amount_details[shipping][to_postal_code]": "10115",
            "amount_details[tax][total_tax_amount]": "399",
            "payment_details[order_reference]": "order-7",
        },
    )

    assert intent["amount_details"] == {
        "tip": {},
        "discount_amount": 100,
        "shipping": {"amount": 0, "from_postal_code": None, "to_postal_code": "10115"},
        "tax": {"total_tax_amount": 399},
    }
    assert intent["payment_details"] == {"customer_reference": None, "order_reference": "order-7"}
    assert deviations(intent) == []

    less = {"amount_details[shipping]": "", "payment_details[customer_reference]": "c-1"}
    changed = sandbox.post(f"{PATH}/{intent['id']}", **less)
    assert "shipping" not in section(changed, "amount_details")
    assert changed["payment_details"] == {"customer_reference": "c-1", "order_reference": "order-7"}
    cleared = sandbox.post(f"{PATH}/{intent['id']}", amount_details="", payment_details="")
    assert (cleared["amount_details"], cleared["payment_details"]) == ({"tip": {}}, None)


def test_options_of_a_method_are_shown_as_sent(sandbox: SandboxProcess) -> None:
    intent = created(
        sandbox,
        **{
            "payment_method_options[card][request_multicapture]": "if_available",
            "payment_method_options[card][setup_future_usage]": "off_session",
            "payment_method_options[sepa_debit][setup_future_usage]": "on_session",
            "automatic_payment_methods[enabled]": "false",
        },
    )

    card = section(intent, "payment_method_options", "card")
    assert (card["request_multicapture"], card["setup_future_usage"]) == ("if_available", "off_session")
    assert card["request_three_d_secure"] == "automatic"
    assert section(intent, "payment_method_options", "sepa_debit") == {"setup_future_usage": "on_session"}
    assert section(intent, "automatic_payment_methods")["enabled"] is False
    assert deviations(intent) == []

    unset = sandbox.post(f"{PATH}/{intent['id']}", **{"payment_method_options[card][setup_future_usage]": ""})
    options = section(unset, "payment_method_options")
    assert "setup_future_usage" not in section(options, "card")
    assert section(options, "sepa_debit") == {"setup_future_usage": "on_session"}


def test_with_a_method_the_intent_waits_for_confirmation(sandbox: SandboxProcess) -> None:
    intent = created(sandbox, payment_method="pm_card_visa", **CARD)

    assert intent["status"] == "requires_confirmation"
    assert str(intent["payment_method"]).startswith("pm_")
    assert intent["latest_charge"] is None


def test_created_and_confirmed_at_once_it_succeeds(sandbox: SandboxProcess) -> None:
    intent = paid(sandbox)

    assert (intent["status"], intent["amount_received"]) == ("succeeded", 2500)
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created", "payment_intent.succeeded"]


def test_a_confirmation_that_fails_leaves_the_intent_behind(sandbox: SandboxProcess) -> None:
    form = {**EUROS, **CARD, "payment_method": "pm_card_chargeDeclined", "confirm": "true"}
    status, error = refused(sandbox, PATH, **form)

    intent = section(error, "payment_intent")
    assert (status, intent["status"]) == (402, "requires_payment_method")
    assert sandbox.get(f"{PATH}/{intent['id']}") == intent
    assert event_types(sandbox, str(intent["id"])) == ["payment_intent.created", "payment_intent.payment_failed"]


def test_methods_that_may_redirect_need_a_way_back(sandbox: SandboxProcess) -> None:
    form = {**EUROS, "payment_method": "pm_card_visa", "confirm": "true"}

    status, error = refused(sandbox, PATH, **form)
    assert (status, error["type"]) == (400, "invalid_request_error")
    assert "you must provide a `return_url`" in str(error["message"])
    assert "param" not in error

    assert sandbox.post(PATH, **form, return_url="https://shop.test/back")["status"] == "succeeded"
    never = {"automatic_payment_methods[enabled]": "true", "automatic_payment_methods[allow_redirects]": "never"}
    assert sandbox.post(PATH, **form, **never)["status"] == "succeeded"
