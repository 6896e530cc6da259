"""Write an endpoint's parameter table from the `stripe` package's own parameter types.

`python -m tests.sandbox.parameter_types` rewrites all tables; a test compares them without writing.
"""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Literal, NotRequired, Union, get_args, get_origin, get_type_hints

from stripe import StripeContext
from typing_extensions import is_typeddict

from sandbox.parameters.tables import FOLDER

ENDPOINTS = {
    "payment_intents.create": "PaymentIntentCreateParams",
    "payment_intents.retrieve": "PaymentIntentRetrieveParams",
    "payment_intents.update": "PaymentIntentUpdateParams",
    "payment_intents.list": "PaymentIntentListParams",
    "payment_intents.confirm": "PaymentIntentConfirmParams",
    "payment_intents.capture": "PaymentIntentCaptureParams",
    "payment_intents.cancel": "PaymentIntentCancelParams",
    "payment_intents.search": "PaymentIntentSearchParams",
    "confirmation_tokens.retrieve": "ConfirmationTokenRetrieveParams",
    "test_helpers.confirmation_tokens.create": "test_helpers.ConfirmationTokenCreateParams",
    "payment_methods.create": "PaymentMethodCreateParams",
    "payment_methods.retrieve": "PaymentMethodRetrieveParams",
    "payment_methods.update": "PaymentMethodUpdateParams",
    "payment_methods.list": "PaymentMethodListParams",
    "charges.retrieve": "ChargeRetrieveParams",
    "charges.update": "ChargeUpdateParams",
    "charges.list": "ChargeListParams",
    "charges.search": "ChargeSearchParams",
    "refunds.create": "RefundCreateParams",
    "refunds.retrieve": "RefundRetrieveParams",
    "refunds.update": "RefundUpdateParams",
    "refunds.list": "RefundListParams",
    "refunds.cancel": "RefundCancelParams",
    "events.retrieve": "EventRetrieveParams",
    "events.list": "EventListParams",
    "balance_transactions.retrieve": "BalanceTransactionRetrieveParams",
    "balance_transactions.list": "BalanceTransactionListParams",
    "balance.retrieve": "BalanceRetrieveParams",
    "disputes.retrieve": "DisputeRetrieveParams",
    "disputes.update": "DisputeUpdateParams",
    "disputes.list": "DisputeListParams",
    "disputes.close": "DisputeCloseParams",
    "payouts.retrieve": "PayoutRetrieveParams",
    "payouts.list": "PayoutListParams",
}
SCALARS = {int: "integer", str: "string", bool: "boolean", float: "number"}


def table(endpoint: str) -> str:
    """The lines of one endpoint's table."""
    package, _, name = f"stripe.params.{ENDPOINTS[endpoint]}".rpartition(".")
    return "".join(f"{line}\n" for line in _lines(getattr(import_module(package), name), ""))


def parameters(params: object, *, nested: bool) -> Iterator[tuple[str, object, bool]]:
    """Name, type and whether it is required, of each parameter of one of the package's types."""
    hints = get_type_hints(params, localns=_ONLY_FOR_TYPE_CHECKERS, include_extras=True)
    for name, hint in hints.items():
        if nested or name not in _REQUEST_OPTIONS:
            required = get_origin(hint) is not NotRequired
            yield name, hint if required else get_args(hint)[0], required


def _lines(params: object, prefix: str) -> Iterator[str]:
    for name, hint, required in parameters(params, nested=bool(prefix)):
        yield from _line(f"{prefix}{name}", hint, required)


_ONLY_FOR_TYPE_CHECKERS = {"StripeContext": StripeContext, "Mapping": Mapping}
_REQUEST_OPTIONS = {
    "api_key", "stripe_version", "stripe_account", "stripe_context", "max_network_retries", "idempotency_key",
    "content_type", "headers",
}  # fmt: skip


def _line(path: str, hint: object, required: bool) -> Iterator[str]:
    options = list(options_of(hint))
    listed = [get_args(option)[0] for option in options if get_origin(option) is list]
    if listed:
        path, options = f"{path}[]", [o for o in options if get_origin(o) is not list] + list(options_of(listed[0]))
    literals = [value for option in options if get_origin(option) is Literal for value in get_args(option)]
    nested = [option for option in options if is_typeddict(option)]
    words = [path, "|".join(_kinds(options, literals, nested))]
    words += ["required"] * required + ["clearable"] * ("" in literals) + [value for value in literals if value]
    yield " ".join(words)
    for option in nested:
        yield from _lines(option, f"{path}.")


def options_of(hint: object) -> Iterator[object]:
    """The alternatives of a type."""
    if get_origin(hint) in (Union, types.UnionType):
        for option in get_args(hint):
            yield from options_of(option)
    else:
        yield hint


def _kinds(options: list[object], literals: list[str], nested: list[object]) -> list[str]:
    choices = [value for value in literals if value]
    kinds = [kind for scalar, kind in SCALARS.items() if scalar in options and not (scalar is str and choices)]
    kinds += ["enum"] * bool(choices) + ["map"] * any(get_origin(option) is dict for option in options)
    return kinds + ["object"] * bool(nested)


if __name__ == "__main__":
    for endpoint in ENDPOINTS:
        (FOLDER / f"{endpoint}.txt").write_text(table(endpoint))
