from __future__ import annotations

from django import template

from catalog import prices

register = template.Library()


@register.filter
def price(amount: int, currency: str) -> str:
    """`{{ variant.price_amount|price:variant.price_currency }}` gives "€12.30"."""
    return prices.display(amount, currency)
