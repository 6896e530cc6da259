from __future__ import annotations

from typing import TypeVar

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from checkout.models import Address, Order, OrderEmail, OrderLine, ShippingMethod

Part = TypeVar("Part", bound=Model)


class ReadOnlyInline(admin.TabularInline[Part, Order]):
    extra = 0
    can_delete = False

    def has_add_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


class LineInline(ReadOnlyInline[OrderLine]):
    model = OrderLine
    fields = ["name", "sku", "quantity", "unit_price", "total"]
    readonly_fields = ["unit_price", "total"]


class AddressInline(ReadOnlyInline[Address]):
    model = Address


class EmailInline(ReadOnlyInline[OrderEmail]):
    model = OrderEmail
    fields = ["kind", "written_at", "sent_at"]


@admin.register(Order)
class OrderAdmin(admin.ModelAdmin[Order]):
    """Orders as they were placed. Only their status moves, and that by what happens to their payment."""

    list_display = ["number", "placed_at", "email", "total", "status", "payment_status"]
    list_filter = ["status", "placed_at"]
    list_select_related = ["payment"]
    search_fields = ["number", "email", "public_id"]
    date_hierarchy = "placed_at"
    list_per_page = 50
    show_full_result_count = False
    fields = ["number", "status", "email", "placed_at", "subtotal", "shipping", "total", "payment_link"]
    readonly_fields = ["subtotal", "shipping", "total", "payment_link"]
    inlines = [LineInline, AddressInline, EmailInline]

    @admin.display(description=_("payment"))
    def payment_status(self, order: Order) -> str:
        return str(order.payment.get_status_display() if order.payment else _("nothing to pay"))

    @admin.display(description=_("payment"))
    def payment_link(self, order: Order) -> str:
        if order.payment is None:
            return str(_("nothing to pay"))
        url = reverse("admin:payments_payment_change", args=[order.payment.pk])
        return format_html('<a href="{}">{}</a>', url, order.payment)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Order | None = None) -> bool:
        return False


@admin.register(ShippingMethod)
class ShippingMethodAdmin(admin.ModelAdmin[ShippingMethod]):
    list_display = ["name", "detail", "price", "active", "position"]
    list_editable = ["active", "position"]
