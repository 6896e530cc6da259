"""What a fault makes of an answer."""

from __future__ import annotations

from dataclasses import replace

from sandbox.errors import ApiError, KeyInUse, RateLimited, ServerError
from sandbox.exchange import Exchange
from sandbox.faults import Fault
from sandbox.messages import Response

GATEWAY_PAGE = b"<html><head><title>%d</title></head><body><center><h1>%d</h1></center></body></html>\n"


def error_of(fault: Fault, key: str = "") -> ApiError | None:
    """The API's own error for a fault's status; None where no JSON would come back."""
    if fault.status == 500:
        return ServerError("An unknown error occurred. The outcome of this request is not known.")
    if fault.status == 429:
        return RateLimited(
            "Request rate limit exceeded. You can learn more about rate limits here "
            "https://stripe.com/docs/rate-limits.",
            code="rate_limit",
            retry_after_s=fault.retry_after_s,
        )
    if fault.status == 409:
        return KeyInUse(key)
    return None


def instead(fault: Fault, exchange: Exchange) -> Response | None:
    """The answer that replaces the true one, if the fault replaces it."""
    if fault.drop:
        return Response(500, drop=True)
    if not fault.status:
        return None
    if error := error_of(fault, exchange.keyed.key if exchange.keyed else ""):
        return exchange.refusal(error)
    page = GATEWAY_PAGE % (fault.status, fault.status)
    return Response(fault.status, page, (("Content-Type", "text/html"),))


def interrupted(response: Response, fault: Fault | None, exchange: Exchange) -> Response:
    """The true answer held back, slowed down, or replaced after the work was done."""
    if fault is None:
        return response
    response = instead(fault, exchange) or response
    return replace(response, delay_s=fault.hold_s, drip_s=fault.slow_s)
