from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from catalog.models.product import Product


def shop_currency() -> str:
    currency: str = settings.SHOP_CURRENCY
    return currency


class VariantQuerySet(models.QuerySet["Variant"]):
    def for_sale(self) -> VariantQuerySet:
        """Variants that may be bought when in stock, in the shop's currency. Product and stock come along."""
        shown = self.filter(active=True, product__active=True, price_currency=shop_currency())
        return shown.select_related("product", "stock")


class Variant(models.Model):
    """One thing that can be bought: a stock-keeping unit with its price in minor units (1230 EUR are 12.30 euros)."""

    product = models.ForeignKey(Product, verbose_name=_("product"), on_delete=models.CASCADE, related_name="variants")
    sku = models.CharField(_("SKU"), max_length=40, help_text=_("Stock-keeping unit, unique in the shop."))
    name = models.CharField(_("name"), max_length=80, blank=True, help_text=_("Such as “Large / Blue”."))
    price_amount = models.BigIntegerField(_("price in minor units"))
    price_currency = models.CharField(_("currency"), max_length=3, default=shop_currency)
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    objects = VariantQuerySet.as_manager()

    class Meta:
        verbose_name = _("variant")
        verbose_name_plural = _("variants")
        ordering = ["position", "id"]
        constraints = [
            models.UniqueConstraint(name="catalog_variant_unique_sku", fields=["sku"]),
            models.UniqueConstraint(name="catalog_variant_unique_name", fields=["product", "name"]),
            models.CheckConstraint(name="catalog_variant_price_not_negative", condition=models.Q(price_amount__gte=0)),
            models.CheckConstraint(
                name="catalog_variant_currency_is_a_code", condition=models.Q(price_currency__regex=r"^[A-Z]{3}$")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product.name}, {self.name}" if self.name else self.product.name

    @property
    def available(self) -> int:
        """How many can be bought now. A variant that never got stock has none."""
        return self.stock.available if hasattr(self, "stock") else 0
