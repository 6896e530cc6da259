"""The audit trail: `journal` writes it, `sealing` chains it under a key, `verification` proves it."""
