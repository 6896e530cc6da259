from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.admin.generic import VariantModelAdmin, VariantModelForm
from catalog.models import Variant
from catalog.prices import decimals, display, to_major, to_minor

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FEW = 3
_AVAILABLE = Coalesce(F("stock__on_hand") - F("stock__reserved"), 0)


class VariantForm(VariantModelForm):
    """Staff read and write prices in major units ("12.30"); the row keeps minor units."""

    price = forms.DecimalField()

    class Meta:
        model = Variant
        fields: ClassVar = ["product", "sku", "name", "active", "position"]
        widgets: ClassVar = {"sku": forms.TextInput({"size": 18}), "name": forms.TextInput({"size": 24})}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]  # Django's own arguments, passed on unread
        currency = self.instance.price_currency
        self.fields["price"] = forms.DecimalField(
            label=gettext("Price (%(currency)s)") % {"currency": currency},
            min_value=0,
            max_digits=12,
            decimal_places=decimals(currency),
            localize=True,
        )
        if self.instance.pk:
            self.initial["price"] = to_major(self.instance.price_amount, currency)

    def save(self, commit: bool = True) -> Variant:
        self.instance.price_amount = to_minor(self.cleaned_data["price"], self.instance.price_currency)
        return super().save(commit)


class Availability(admin.SimpleListFilter):
    title = _("availability")
    parameter_name = "availability"

    def lookups(
        self, request: HttpRequest, model_admin: admin.ModelAdmin[Variant]
    ) -> Sequence[tuple[str, StrOrPromise]]:
        return [("none", _("Sold out")), ("few", _("Few left")), ("many", _("In stock"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Variant]) -> QuerySet[Variant]:
        pieces = queryset.alias(pieces=_AVAILABLE)
        match self.value():
            case "none":
                return pieces.filter(pieces=0)
            case "few":
                return pieces.filter(pieces__range=(1, FEW))
            case "many":
                return pieces.filter(pieces__gt=FEW)
        return queryset


@admin.register(Variant)
class VariantAdmin(VariantModelAdmin):
    form = VariantForm
    list_display = ("sku", "product", "name", "price", "on_hand", "reserved", "available", "active")
    list_filter = ("active", Availability)
    search_fields = ("sku", "name", "product__name")
    autocomplete_fields = ("product",)
    readonly_fields = ("on_hand", "reserved", "available", "movements")
    fields = ("product", "sku", "name", "price", "active", "position", "on_hand", "reserved", "available", "movements")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("product", "stock")

    @admin.display(description=_("price"), ordering="price_amount")
    def price(self, variant: Variant) -> str:
        return display(variant.price_amount, variant.price_currency)

    @admin.display(description=_("on hand"), ordering="stock__on_hand")
    def on_hand(self, variant: Variant) -> int:
        return variant.stock.on_hand if hasattr(variant, "stock") else 0

    @admin.display(description=_("reserved"), ordering="stock__reserved")
    def reserved(self, variant: Variant) -> int:
        return variant.stock.reserved if hasattr(variant, "stock") else 0

    @admin.display(description=_("available"), ordering=_AVAILABLE)
    def available(self, variant: Variant) -> int:
        return variant.available

    @admin.display(description=_("stock movements"))
    def movements(self, variant: Variant) -> SafeString | str:
        if not variant.pk:
            return "–"
        return format_html(
            '<a href="{}?variant__id__exact={}">{}</a> · <a href="{}?variant={}">{}</a>',
            reverse("admin:catalog_stockmovement_changelist"),
            variant.pk,
            gettext("All movements"),
            reverse("admin:catalog_stockmovement_add"),
            variant.pk,
            gettext("Record a change"),
        )
