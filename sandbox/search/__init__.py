"""Search: Stripe's query language over what its index knows, which lags behind (docs.stripe.com/search)."""
