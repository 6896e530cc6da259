"""What payments tells the rest of the project. Sent with `send` inside the transaction that applies the fact.

A receiver that raises rolls the fact's effects back; the fact itself stays stored and is tried again.
"""

from django.dispatch import Signal

payment_changed = Signal()  # payment: Payment (its new status, its row locked), before: str
dispute_changed = Signal()  # dispute: Dispute (its payment's row locked), before: str
refund_changed = Signal()  # refund: Refund (its payment's row locked), before: str
