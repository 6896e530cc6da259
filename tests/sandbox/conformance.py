"""Hold a document to the classes of Stripe's own Python package, field by field.

The package types describe one API version: a field without `Optional` is always there, a field that the class does not
name does not exist, and a `Literal` lists every value, even where the package adds `str` for values yet to come.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ForwardRef, Literal, Union, get_args, get_origin

import stripe
from stripe import ListObject, StripeObject
from stripe._stripe_object import UntypedStripeObject

CLASSES: Mapping[str, type[StripeObject]] = {
    described.OBJECT_NAME: described
    for described in (
        stripe.Balance,
        stripe.BankAccount,
        stripe.BalanceTransaction,
        stripe.Charge,
        stripe.ConfirmationToken,
        stripe.Dispute,
        stripe.Event,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Payout,
        stripe.Refund,
    )
}
UNLISTED_CODES = {"payment_method_types_no_longer_supported", "invalid_bank_account_iban"}
"""Codes that the package's list lacks: the first is in the changelog of 2026-09-30.endive, Stripe's own libraries for
phones translate the second."""
_SCALARS: Mapping[object, Callable[[object], bool]] = {
    bool: lambda value: isinstance(value, bool),
    float: lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    int: lambda value: isinstance(value, int) and not isinstance(value, bool),
    str: lambda value: isinstance(value, str),
}


def deviations(document: Mapping[str, object]) -> list[str]:
    """What is wrong with an object or a list of them, by the class of its `object`; events with what they carry."""
    if document.get("object") == "list":
        return list(_list(document, (Any,), "list"))
    kind = str(document.get("object"))
    return list(_fields(document, CLASSES[kind], kind))


def is_documented(code: object) -> bool:
    """Whether Stripe has such an error code (docs.stripe.com/error-codes, as the package lists them)."""
    listed = annotations_of(stripe.PaymentIntent.LastPaymentError)["code"]
    return code in UNLISTED_CODES or code in {choice for option in options_of(listed) for choice in get_args(option)}


def _fields(document: Mapping[str, object], described: type[StripeObject], path: str) -> Iterator[str]:
    hints = annotations_of(described)
    yield from (f"{path}.{name}: not in {described.__qualname__}" for name in document if name not in hints)
    for name, hint in hints.items():
        if name in document:
            yield from _value(document[name], hint, f"{path}.{name}")
        elif type(None) not in options_of(hint):
            yield f"{path}.{name}: missing"
    if described is stripe.Event:
        data = document["data"]
        assert isinstance(data, dict)
        yield from (f"{path}.data {deviation}" for deviation in deviations(data["object"]))


def annotations_of(described: type[StripeObject]) -> Mapping[str, object]:
    """The fields of a class. Its own names are evaluated; those of other classes stay references until needed."""
    own = vars(described).get("__annotations__", {})
    return {name: hint for name, hint in own.items() if not name.startswith("_") and name != "OBJECT_NAME"}


def _value(value: object, hint: object, path: str) -> Iterator[str]:
    options = options_of(hint)
    if Any in options or (value is None and type(None) in options):
        return
    choices = [choice for option in options if get_origin(option) is Literal for choice in get_args(option)]
    if isinstance(value, dict):
        yield from _object(value, options, path)
    elif isinstance(value, list):
        yield from _members(value, options, path)
    elif choices:
        if value not in choices:
            yield f"{path}: {value!r} is none of {choices}"
    elif not any(option in _SCALARS and _SCALARS[option](value) for option in options):
        yield f"{path}: {value!r} is not {hint}"


def _members(value: list[object], options: tuple[object, ...], path: str) -> Iterator[str]:
    listed = [get_args(option)[0] for option in options if get_origin(option) is list]
    if not listed:
        yield f"{path}: a list, not {options}"
    for number, member in enumerate(value if listed else []):
        yield from _value(member, listed[0], f"{path}[{number}]")


def _object(value: dict[str, object], options: tuple[object, ...], path: str) -> Iterator[str]:
    for option in options:
        if get_origin(option) is ListObject:
            yield from _list(value, get_args(option), path)
            return
        if get_origin(option) is UntypedStripeObject:
            yield from _map(value, get_args(option)[0], path)
            return
    classes = [option for option in options if isinstance(option, type) and issubclass(option, StripeObject)]
    named = [option for option in classes if getattr(option, "OBJECT_NAME", None) == value.get("object")]
    if fitting := named or classes:
        yield from _fields(value, fitting[0], path)
    else:
        yield f"{path}: an object, not {options}"


def _map(value: dict[str, object], hint: object, path: str) -> Iterator[str]:
    for key, item in value.items():
        yield from _value(item, hint, f"{path}.{key}")


def _list(value: Mapping[str, object], members: tuple[object, ...], path: str) -> Iterator[str]:
    if set(value) != {"object", "data", "has_more", "url"} or not isinstance(value["has_more"], bool):
        yield f"{path}: not the envelope of a list: {sorted(value)}"
    data = value["data"]
    for number, member in enumerate(data if isinstance(data, list) else []):
        yield from (f"{path}[{number}] {deviation}" for deviation in deviations(member))


def options_of(hint: object) -> tuple[object, ...]:
    """The alternatives of a union, references to other classes resolved."""
    if isinstance(hint, ForwardRef):
        hint = hint.__forward_arg__
    if isinstance(hint, str):
        # Where names clash the package imports Card as CardResource; those of its subpackages never come up here.
        return (getattr(stripe, hint.removesuffix("Resource"), hint),)
    if get_origin(hint) in (Union, types.UnionType):
        return tuple(option for part in get_args(hint) for option in options_of(part))
    return (hint,)
