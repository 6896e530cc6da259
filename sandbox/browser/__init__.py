"""What the shopper's browser loads from the sandbox: Stripe.js, hosted fields, the bank's page, and the web page."""
