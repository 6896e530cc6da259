"""A stand-alone simulator of Stripe's API, webhooks and Stripe.js. It imports nothing but the standard library."""
