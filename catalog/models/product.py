from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from catalog.models.picture import Picture


class Product(models.Model):
    """What the shop shows; what it sells are the product's variants."""

    slug = models.SlugField(_("slug"), max_length=80, help_text=_("The product's part of its address."))
    name = models.CharField(_("name"), max_length=120)
    summary = models.CharField(_("summary"), max_length=160, blank=True, help_text=_("One line for the list."))
    description = models.TextField(_("description"), blank=True)
    picture = models.ForeignKey(
        Picture, verbose_name=_("picture"), null=True, blank=True, on_delete=models.PROTECT, related_name="products"
    )
    picture_alt = models.CharField(
        _("picture in words"), max_length=200, blank=True, help_text=_("Read out to those who cannot see the picture.")
    )
    active = models.BooleanField(_("active"), default=True, help_text=_("Inactive products are not shown in the shop."))
    position = models.PositiveIntegerField(_("position"), default=0, help_text=_("Low numbers come first."))
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("product")
        verbose_name_plural = _("products")
        ordering = ["position", "name", "id"]
        constraints = [models.UniqueConstraint(name="catalog_product_unique_slug", fields=["slug"])]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("catalog:product", args=[self.slug])

    @property
    def picture_url(self) -> str:
        """Where the picture is, or "" when there is none. Asks the database nothing."""
        return reverse("catalog:picture", args=[self.picture_id]) if self.picture_id else ""
