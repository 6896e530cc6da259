from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import shop_currency
from payments.money import Money


class ShippingMethod(models.Model):
    """A way to send an order, at one price. Orders keep a copy of name and price."""

    name = models.CharField(_("name"), max_length=80)
    detail = models.CharField(_("detail"), max_length=120, blank=True, help_text=_("Such as the time that it takes."))
    price_amount = models.BigIntegerField(_("price in minor units"))
    price_currency = models.CharField(_("currency"), max_length=3, default=shop_currency, editable=False)
    active = models.BooleanField(_("active"), default=True)
    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("shipping method")
        verbose_name_plural = _("shipping methods")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(price_amount__gte=0), name="checkout_shippingmethod_price_not_negative"),
            models.CheckConstraint(
                condition=Q(price_currency__regex="^[A-Z]{3}$"), name="checkout_shippingmethod_currency_is_iso"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def price(self) -> Money:
        return Money(self.price_amount, self.price_currency)
