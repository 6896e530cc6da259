"""What a payment is made of: `amount_details` and `payment_details` (docs.stripe.com/payments/payment-line-items).

Line items are taken and not shown, as without expanding them; whether the parts sum up is not checked.
"""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.documents import JSON
from sandbox.parameters import Params

NO_AMOUNT_DETAILS: Mapping[str, JSON] = {"tip": {}}
_SECTIONS = {"shipping": ("amount", "from_postal_code", "to_postal_code"), "tax": ("total_tax_amount",)}
_REFERENCES = ("customer_reference", "order_reference")


def amount_details(before: Mapping[str, JSON], params: Params) -> Mapping[str, JSON]:
    """Discount, shipping and tax in minor units; what is sent empty is unset."""
    sent = params.section("amount_details")
    if sent is None:
        return NO_AMOUNT_DETAILS if params.cleared("amount_details") else before
    details = dict(before)
    for name in ("discount_amount", *_SECTIONS):
        if sent.cleared(name):
            details.pop(name, None)
        elif name in sent:
            details[name] = _shown(name, sent)
    return details


def payment_details(before: Mapping[str, JSON] | None, params: Params) -> Mapping[str, JSON] | None:
    """The shop's own references, null until one is sent."""
    sent = params.section("payment_details")
    if sent is None:
        return None if params.cleared("payment_details") else before
    known: Mapping[str, JSON] = before or dict.fromkeys(_REFERENCES)
    return {name: sent.text(name) if name in sent else known[name] for name in _REFERENCES}


def _shown(name: str, sent: Params) -> JSON:
    section = sent.section(name)
    if section is None:
        return sent.integer(name)
    return {field: None if section.cleared(field) else section.values.get(field) for field in _SECTIONS[name]}
