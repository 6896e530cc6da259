"""Hold a request to the parameter types of Stripe's own package: names, kinds of values, choices, what is required.

Where the package lists choices it adds `str` for those yet to come; here only the listed ones count.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Literal, Union, get_args, get_origin
from urllib.parse import parse_qsl

from typing_extensions import is_typeddict

from tests.payments.gateways.recording import Sent
from tests.sandbox.parameter_types import options_of, parameters

Tree = dict[str, Union[str, "Tree"]]

ID = r"[a-z]+_\w+"
ENDPOINTS = (
    ("POST", "/v1/payment_intents", "PaymentIntentCreateParams"),
    ("GET", "/v1/payment_intents", "PaymentIntentListParams"),
    ("GET", f"/v1/payment_intents/{ID}", "PaymentIntentRetrieveParams"),
    ("POST", f"/v1/payment_intents/{ID}/confirm", "PaymentIntentConfirmParams"),
    ("POST", f"/v1/payment_intents/{ID}/capture", "PaymentIntentCaptureParams"),
    ("POST", f"/v1/payment_intents/{ID}/cancel", "PaymentIntentCancelParams"),
    ("POST", "/v1/refunds", "RefundCreateParams"),
    ("GET", "/v1/refunds", "RefundListParams"),
    ("GET", f"/v1/refunds/{ID}", "RefundRetrieveParams"),
    ("GET", f"/v1/disputes/{ID}", "DisputeRetrieveParams"),
    ("GET", "/v1/events", "EventListParams"),
    ("GET", "/v1/balance", "BalanceRetrieveParams"),
    ("GET", "/v1/balance_transactions", "BalanceTransactionListParams"),
    ("GET", "/v1/payouts", "PayoutListParams"),
)


def endpoint_of(sent: Sent) -> str:
    """The parameter type of the endpoint that was asked; raises LookupError for an address that nobody listed."""
    for method, path, params in ENDPOINTS:
        if method == sent.method and re.fullmatch(path, sent.path):
            return params
    raise LookupError(f"no parameter type is known for {sent.method} {sent.path}")


def deviations(sent: Sent) -> list[str]:
    """What the package's types do not allow in a request."""
    params = getattr(import_module("stripe.params"), endpoint_of(sent))
    return list(_object(_tree(sent.form), params, ""))


def _tree(form: str) -> Tree:
    tree: Tree = {}
    for name, value in parse_qsl(form, keep_blank_values=True, strict_parsing=bool(form)):
        *parents, last = re.findall(r"[^\[\]]+", name)
        inner = tree
        for parent in parents:
            child = inner.setdefault(parent, {})
            assert isinstance(child, dict), f"{name} is a value and an object"
            inner = child
        inner[last] = value
    return tree


def _object(tree: Tree, params: object, path: str) -> Iterator[str]:
    known = {name: (hint, required) for name, hint, required in parameters(params, nested=bool(path))}
    yield from (f"{path}{name}: unknown" for name in tree if name not in known)
    for name, (hint, required) in known.items():
        if name in tree:
            yield from _value(tree[name], list(options_of(hint)), f"{path}{name}")
        elif required:
            yield f"{path}{name}: missing"


def _value(value: str | Tree, options: list[object], path: str) -> Iterator[str]:
    if isinstance(value, str):
        choices = any(get_origin(option) is Literal and get_args(option) != ("",) for option in options)
        fitting = [option for option in options if not (choices and option is str)]
        if not any(_fits(value, option) for option in fitting):
            yield f"{path}: {value!r} is none of {options}"
        return
    for option in options:
        if is_typeddict(option):
            yield from _object(value, option, f"{path}.")
            return
        if get_origin(option) in (list, dict):
            item = get_args(option)[-1]
            for key, member in value.items():
                yield from _value(member, list(options_of(item)), f"{path}.{key}")
            return
    yield f"{path}: an object or a list, not {options}"


def _fits(value: str, option: object) -> bool:
    if get_origin(option) is Literal:
        return value in get_args(option)
    if option is int:
        return re.fullmatch(r"-?\d+", value) is not None
    if option is bool:
        return value in ("true", "false")
    return option is str and value != ""
