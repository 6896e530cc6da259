from __future__ import annotations

from django.contrib import admin

from checkout.models import ShippingMethod


@admin.register(ShippingMethod)
class ShippingMethodAdmin(admin.ModelAdmin[ShippingMethod]):
    list_display = ["name", "detail", "price", "active", "position"]
    list_editable = ["active", "position"]
    readonly_fields = ["price_currency"]
