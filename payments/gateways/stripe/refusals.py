"""Stripe's error and decline codes, and what a shopper may do about them.

Source: docs.stripe.com/declines/codes and docs.stripe.com/error-codes. What points at fraud is never told: the advice
for it is that of an ordinary refusal.
"""

from __future__ import annotations

import stripe

from payments.gateways.base import Refusal

_ADVICE = {
    "try_again": (
        "approve_with_id issuer_not_available processing_error reenter_transaction try_again_later "
        "payment_intent_payment_attempt_expired lock_timeout"
    ),
    "contact_bank": (
        "call_issuer card_not_supported card_velocity_exceeded do_not_honor do_not_try_again generic_decline "
        "invalid_account new_account_information_available no_action_taken not_permitted restricted_card "
        "revocation_of_all_authorizations revocation_of_authorization security_violation service_not_allowed "
        "stop_payment_order transaction_not_allowed withdrawal_count_limit_exceeded currency_not_supported"
    ),
    "check_details": (
        "incorrect_number invalid_number incorrect_cvc invalid_cvc invalid_expiry_month invalid_expiry_year "
        "incorrect_zip incorrect_address incorrect_pin invalid_pin invalid_amount"
    ),
}
_ADVICE_FOR = {code: advice for advice, codes in _ADVICE.items() for code in codes.split()}
_OTHERWISE = "another_card"


def refusal_of(error: stripe.ErrorObject | stripe.PaymentIntent.LastPaymentError) -> Refusal:
    """The most specific code that the error has, its message for staff, and advice for the shopper."""
    found = (getattr(error, name, None) for name in ("decline_code", "code", "type"))
    code = next((str(value) for value in found if value), "unknown")
    return Refusal(code, str(getattr(error, "message", None) or ""), _ADVICE_FOR.get(code, _OTHERWISE))
