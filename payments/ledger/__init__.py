"""The ledger: `posting` writes double entries, `verification` proves them."""
