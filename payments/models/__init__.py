"""The rows of the payments core; see docs/architecture.md for how they hang together."""

from payments.models.account import GatewayAccount
from payments.models.audit import AuditEntry, AuditSeal, PendingSeal
from payments.models.discrepancy import Discrepancy
from payments.models.dispute import Dispute
from payments.models.ledger import LedgerEntry, LedgerTransaction
from payments.models.observation import Observation
from payments.models.operation import Operation
from payments.models.payment import Payment, PaymentAttempt
from payments.models.refund import Refund
from payments.models.settlement import BalanceTransaction, Payout
from payments.models.webhook import WebhookEvent

__all__ = [
    "AuditEntry",
    "AuditSeal",
    "BalanceTransaction",
    "Discrepancy",
    "Dispute",
    "GatewayAccount",
    "LedgerEntry",
    "LedgerTransaction",
    "Observation",
    "Operation",
    "Payment",
    "PaymentAttempt",
    "Payout",
    "PendingSeal",
    "Refund",
    "WebhookEvent",
]
