from __future__ import annotations

from django.contrib import admin

from payments.admin.read_only import ReadOnlyAdmin
from payments.models import BalanceTransaction, Dispute, Payout


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin[Dispute]):
    list_display = ["opened_at", "payment", "money", "status", "withdrawn", "reason", "evidence_due_at", "gateway_id"]
    list_filter = ["status", "reason", "opened_at"]
    list_select_related = ["payment"]
    search_fields = ["gateway_id", "payment__public_id", "payment__description"]
    date_hierarchy = "opened_at"
    exclude = ["transition_cause"]


@admin.register(BalanceTransaction)
class BalanceTransactionAdmin(ReadOnlyAdmin[BalanceTransaction]):
    """Movements of our balance at the gateway; one that is not booked belongs to no row that we know."""

    list_display = [
        "created_at",
        "category",
        "money",
        "fee",
        "net",
        "payment",
        "source_id",
        "available_at",
        "booked_at",
    ]
    list_filter = [("booked_at", admin.EmptyFieldListFilter), "kind", "currency", "created_at"]
    list_select_related = ["payment"]
    search_fields = ["gateway_id", "source_id", "payment__public_id", "payment__description"]
    date_hierarchy = "created_at"


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin[Payout]):
    list_display = ["created_at", "money", "status", "arrival_on", "failure", "gateway_id"]
    list_filter = ["status", "currency", "created_at"]
    search_fields = ["gateway_id"]
    date_hierarchy = "created_at"
