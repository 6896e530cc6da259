"""Which payment method types an intent accepts: the account's own, narrowed by what the intent asks for.

Sources: docs.stripe.com/payments/payment-methods/dynamic-payment-methods and the changelog of 2026-09-30.endive
(`payment_method_types` can no longer be written; `allowed_payment_method_types` filters silently).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sandbox.errors import InvalidParameter
from sandbox.parameters import Params

CONFIGURATION_ID = "pmc_1TillgateSandboxDefault"
EXCLUSIVE = (
    "allowed_payment_method_types",
    "automatic_payment_methods",
    "excluded_payment_method_types",
    "payment_method_configuration",
)


@dataclass(frozen=True)
class MethodType:
    """A type that the sandbox's account has enabled. No `currencies` means all."""

    name: str
    currencies: frozenset[str] = frozenset()
    redirects: bool = False
    manual_capture: bool = True


ENABLED = (
    MethodType("card"),
    MethodType("bancontact", frozenset({"eur"}), redirects=True, manual_capture=False),
    MethodType("eps", frozenset({"eur"}), redirects=True, manual_capture=False),
    MethodType("link"),
    MethodType("sepa_debit", frozenset({"eur"}), manual_capture=False),
    MethodType("us_bank_account", frozenset({"usd"}), manual_capture=False),
)


def refuse_payment_method_types(names: Iterable[str]) -> None:
    """The error for the parameter that this API version removed, in whatever form it was sent."""
    for name in names:
        if name.partition("[")[0] == "payment_method_types":
            raise InvalidParameter(
                "The `payment_method_types` parameter is no longer supported on this API version. Use "
                "`allowed_payment_method_types`, `excluded_payment_method_types` or `automatic_payment_methods` "
                "instead.",
                code="payment_method_types_no_longer_supported",
                param="payment_method_types",
            )


def check_exclusive(params: Params) -> None:
    """At most one way of saying which types are wanted, but automatic ones may be narrowed."""
    sent = [name for name in EXCLUSIVE if name in params]
    if "allowed_payment_method_types" in sent and len(sent) > 1:
        raise InvalidParameter(
            f"You may only specify one of these parameters: {', '.join(sent)}.", param="allowed_payment_method_types"
        )


def accepted(params: Params, currency: str, capture_method: str) -> list[str]:
    """The types that fit, in the caller's order where the caller listed them."""
    automatic = params.section("automatic_payment_methods")
    no_redirects = automatic is not None and automatic.text("allow_redirects") == "never"
    excluded = params.texts("excluded_payment_method_types")
    fitting = [
        method.name
        for method in ENABLED
        if _fits(method, currency, capture_method)
        and not (no_redirects and method.redirects)
        and method.name not in excluded
    ]
    allowed = params.texts("allowed_payment_method_types")
    return [name for name in allowed if name in fitting] if allowed else fitting


def _fits(method: MethodType, currency: str, capture_method: str) -> bool:
    currency_fits = not method.currencies or currency in method.currencies
    return currency_fits and (method.manual_capture or capture_method != "manual")


def any_redirects(names: Sequence[str]) -> bool:
    """Whether one of the types sends the shopper to another site."""
    return any(method.redirects for method in ENABLED if method.name in names)
