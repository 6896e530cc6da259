"""The staff's desk for payments: read everything, change nothing but by an operation."""

from payments.admin.payment import PaymentAdmin
from payments.admin.records import AuditEntryAdmin, DiscrepancyAdmin, RefundAdmin, WebhookEventAdmin

__all__ = ["AuditEntryAdmin", "DiscrepancyAdmin", "PaymentAdmin", "RefundAdmin", "WebhookEventAdmin"]
