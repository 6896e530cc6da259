"""Stripe's documented test instruments: cards, bank accounts, and the ready-made payment methods for them."""
