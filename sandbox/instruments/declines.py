"""The refusals that test cards cause (docs.stripe.com/testing#declined-payments, docs.stripe.com/declines/codes)."""

from __future__ import annotations

from sandbox.instruments.behaviour import Decline

GENERIC = Decline("card_declined", "generic_decline", "Your card was declined.", "try_again_later", "", "01")
INSUFFICIENT_FUNDS = Decline(
    "card_declined", "insufficient_funds", "Your card has insufficient funds.", "try_again_later", "", "51"
)
LOST_CARD = Decline("card_declined", "lost_card", "Your card was declined.", "do_not_try_again", "", "41")
STOLEN_CARD = Decline("card_declined", "stolen_card", "Your card was declined.", "do_not_try_again", "", "43")
FRAUDULENT = Decline("card_declined", "fraudulent", "Your card was declined.", blocked_by_risk=True)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    "try_again_later",
    "",
    "65",
)
EXPIRED_CARD = Decline("expired_card", "expired_card", "Your card has expired.", "confirm_card_data", "exp_month", "54")
INCORRECT_CVC = Decline(
    "incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "confirm_card_data", "cvc", "N7"
)
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
    "try_again_later",
)
INCORRECT_NUMBER = Decline(
    "incorrect_number", "incorrect_number", "Your card number is incorrect.", "confirm_card_data", "number", "14"
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
