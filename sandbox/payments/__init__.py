"""How money moves in the sandbox: attempts, 3-D Secure, captures, cancellations, refunds and what settles of them."""
