"""From a payment method's stored instrument to how it behaves."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.documents import JSON
from sandbox.instruments import accounts, cards
from sandbox.instruments.behaviour import SUCCEEDS, Behaviour


def behaviour(instrument: str) -> Behaviour:
    """How a card number or a bank account behaves; unknown ones succeed."""
    if card := cards.BY_NUMBER.get(instrument):
        return card.behaviour
    if account := accounts.BY_NUMBER.get(instrument):
        return account.behaviour
    return SUCCEEDS


def answers_after_s(instrument: str) -> float | None:
    """How long a bank takes to answer a debit; None if it never does by itself."""
    account = accounts.BY_NUMBER.get(instrument)
    return account.answers_after_s if account else None


def charged_account(kind: str, account: Mapping[str, JSON]) -> dict[str, JSON]:
    """`payment_method_details` of a bank debit, from the method's own fields."""
    return {name: account.get(name) for name in accounts.CHARGED_FIELDS[kind]}
