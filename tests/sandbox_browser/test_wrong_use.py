"""What Stripe.js refuses of a page that uses it wrongly."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.sandbox_browser.checkout import IN_GERMANY, fill_card, pay, visit
from tests.sandbox_browser.conftest import blameless_page
from tests.sandbox_browser.gateway import Gateway
from tests.sandbox_browser.merchant import Merchant


@pytest.fixture(scope="module")
def unchanged_page(browser: Browser, gateway: Gateway) -> Iterator[Page]:
    """One page for all that only raises and changes nothing."""
    merchant = Merchant(gateway.origin)
    with blameless_page(browser) as page:
        visit(page, merchant)
        yield page
    merchant.close()


def raised(page: Page, expression: str) -> str:
    """The name and message of what an expression raises."""
    said: str = page.evaluate(
        f"async () => {{ try {{ await ({expression}); return 'nothing'; }}"
        " catch (error) { return `${error.name}: ${error.message}`; } }"
    )
    return said


@pytest.mark.parametrize(
    ("expression", "about"),
    [
        ("Stripe()", "publishable key"),
        ("Stripe('sk_test_secret')", "secret key"),
        ("stripe.elements({mode: 'payment', amount: 1.5, currency: 'eur'})", "`amount`"),
        ("stripe.elements({mode: 'payment', amount: 100, currency: 'EUR'})", "`currency`"),
        ("stripe.elements({mode: 'pay', amount: 100, currency: 'eur'})", "`mode`"),
        ("stripe.elements({mode: 'payment', amount: 100, currency: 'eur', captureMethod: 'x'})", "`captureMethod`"),
        (
            "stripe.elements({mode: 'payment', amount: 100, currency: 'eur', paymentMethodTypes: ['card']})",
            "`allowedPaymentMethodTypes`",
        ),
        ("elements.update({paymentMethodTypes: ['card']})", "`allowedPaymentMethodTypes`"),
        ("elements.create('payment')", "one Element"),
        ("payment.mount('#nowhere')", "#nowhere"),
        ("payment.on('redy', () => {})", "redy"),
        ("stripe.createConfirmationToken({})", "`elements`"),
        ("stripe.createConfirmationToken({elements})", "elements.submit() must be called"),
        ("stripe.retrievePaymentIntent('pi_1')", "client secret"),
        ("stripe.elements({mode: 'payment', amount: 9, currency: 'eur', clientSecret: 'pi_1'})", "`clientSecret`"),
        ("elements.on('redy', () => {})", "redy"),
        ("stripe.handleNextAction({})", "clientSecret"),
        ("stripe.confirmPayment({clientSecret: 'pi_1_secret_1'})", "`elements`"),
        ("stripe.confirmPayment({elements, clientSecret: 'pi_1_secret_1'})", "`return_url`"),
    ],
)
def test_it_raises_an_integration_error(unchanged_page: Page, expression: str, about: str) -> None:
    said = raised(unchanged_page, expression)

    assert said.startswith("IntegrationError: ")
    assert about in said


def test_a_token_needs_a_submit_after_the_last_change_of_the_amount(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment=IN_GERMANY)
    fill_card(page)
    pay(page)
    page.evaluate("elements.update({amount: 2500})")

    assert "elements.submit() must be called" in raised(page, "stripe.createConfirmationToken({elements})")


def test_an_intent_that_asks_for_nothing_has_no_next_action(unchanged_page: Page, gateway: Gateway) -> None:
    secret = gateway.post("/v1/payment_intents", amount=1999, currency="eur")["client_secret"]

    said = raised(unchanged_page, f"stripe.handleNextAction({{clientSecret: '{secret}'}})")

    assert said == (
        "IntegrationError: handleNextAction: The PaymentIntent supplied is not in the requires_action state."
    )


def test_unknown_options_are_named_on_the_console(page: Page, merchant: Merchant) -> None:
    warnings: list[str] = []
    page.on("console", lambda said: warnings.append(said.text) if said.type == "warning" else None)

    visit(page, merchant, elements={"colour": "red"}, payment={"label": "Card"})

    assert [warning.split(" is not")[0] for warning in warnings] == [
        "Unrecognized elements() parameter: colour",
        "Unrecognized create() parameter: label",
    ]


def test_an_element_that_is_taken_away_answers_nobody(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)

    said = raised(page, "(() => { const asked = elements.submit(); payment.unmount(); return asked; })()")

    assert said.startswith("IntegrationError: The Element was unmounted")


def test_details_that_are_never_asked_for_have_to_be_passed(page: Page, merchant: Merchant) -> None:
    visit(page, merchant, payment={"fields": {"billingDetails": {"email": "never", "address": "never"}}})
    fill_card(page)
    assert page.evaluate("elements.submit()") == {"selectedPaymentMethod": "card"}

    said = raised(page, "stripe.createConfirmationToken({elements})")

    assert "billing_details.email" in said
    assert "stripe.createConfirmationToken()" in said


def test_an_element_can_be_taken_away_and_made_again(page: Page, merchant: Merchant) -> None:
    visit(page, merchant)

    page.evaluate("payment.destroy()")

    assert "destroyed" in raised(page, "payment.mount('#payment')")
    assert page.locator("iframe").count() == 0
    assert raised(page, "elements.create('payment').mount('#payment')") == "nothing"
