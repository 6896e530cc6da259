"""Orders to the control API: JSON in, a refusal with its reason out."""

from __future__ import annotations

import json

from sandbox.faults import InvalidFault
from sandbox.messages import Request, Response
from sandbox.routing import Handler


class InvalidOrder(Exception):
    """The order makes no sense; the message says what would."""


def refusing(handle: Handler) -> Handler:
    """Answer 400 with the reason where an order makes no sense."""

    def answer(request: Request) -> Response:
        try:
            return handle(request)
        except (InvalidFault, InvalidOrder) as refusal:
            return Response.json(400, {"error": str(refusal)})

    return answer


def read_order(request: Request) -> dict[str, object]:
    """The body's JSON object; an empty body is an empty one."""
    try:
        order = json.loads(request.body or b"{}")
    except ValueError as error:
        raise InvalidOrder(f"The body is not JSON: {error}") from error
    if not isinstance(order, dict):
        raise InvalidOrder("The body is a JSON object.")
    return order
