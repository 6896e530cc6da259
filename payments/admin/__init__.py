"""The staff's desk for payments: read everything, change nothing but by an operation."""

from payments.admin.money_moves import BalanceTransactionAdmin, DisputeAdmin, PayoutAdmin
from payments.admin.payment import PaymentAdmin
from payments.admin.records import AuditEntryAdmin, DiscrepancyAdmin, RefundAdmin, WebhookEventAdmin

__all__ = [
    "AuditEntryAdmin",
    "BalanceTransactionAdmin",
    "DiscrepancyAdmin",
    "DisputeAdmin",
    "PaymentAdmin",
    "PayoutAdmin",
    "RefundAdmin",
    "WebhookEventAdmin",
]
