from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from catalog.models.variant import Variant


class Stock(models.Model):
    """How many of a variant lie on the shelf, and how many of those are promised to orders.

    Changed by `catalog.stock` alone, which writes the movement in the same statement.
    """

    variant = models.OneToOneField(Variant, primary_key=True, on_delete=models.CASCADE, related_name="stock")
    on_hand = models.IntegerField(_("on hand"), default=0)
    reserved = models.IntegerField(_("reserved"), default=0)

    class Meta:
        verbose_name = _("stock")
        verbose_name_plural = _("stock")
        constraints = [
            models.CheckConstraint(name="catalog_stock_on_hand_not_negative", condition=Q(on_hand__gte=0)),
            models.CheckConstraint(name="catalog_stock_reserved_not_negative", condition=Q(reserved__gte=0)),
            models.CheckConstraint(
                name="catalog_stock_reserved_within_on_hand", condition=Q(reserved__lte=F("on_hand"))
            ),
        ]

    def __str__(self) -> str:
        return f"{self.on_hand} on hand, {self.reserved} reserved"

    @property
    def available(self) -> int:
        return self.on_hand - self.reserved


class MovementReason(models.TextChoices):
    RESERVED = "reserved", _("reserved")
    RELEASED = "released", _("released")
    SOLD = "sold", _("sold")
    RETURNED = "returned", _("returned")
    RECEIVED = "received", _("received")
    COUNTED = "counted", _("counted")
    LOST = "lost", _("lost or damaged")


STAFF_REASONS = (MovementReason.RECEIVED, MovementReason.COUNTED, MovementReason.LOST)

_ON_SHELF_MORE = Q(on_hand_change__gt=0, reserved_change=0)
_FITTING_CHANGES = (
    Q(reason=MovementReason.RESERVED, on_hand_change=0, reserved_change__gt=0)
    | Q(reason=MovementReason.RELEASED, on_hand_change=0, reserved_change__lt=0)
    | Q(reason=MovementReason.SOLD, on_hand_change__lt=0, reserved_change=F("on_hand_change"))
    | (Q(reason__in=[MovementReason.RETURNED, MovementReason.RECEIVED]) & _ON_SHELF_MORE)
    | (Q(reason=MovementReason.COUNTED, reserved_change=0) & ~Q(on_hand_change=0))
    | Q(reason=MovementReason.LOST, on_hand_change__lt=0, reserved_change=0)
)


class StockMovement(models.Model):
    """Why stock changed, by how much and by whom. Append-only; one line moves stock once for each reason.

    `line` is the caller's reference (an order line, a return, a form that staff sent). `actor` is a pointer such as
    "user:7", so that the person behind it can be erased.
    """

    variant = models.ForeignKey(
        Variant, verbose_name=_("variant"), on_delete=models.PROTECT, related_name="stock_movements"
    )
    line = models.CharField(_("reference"), max_length=64)
    reason = models.CharField(_("reason"), max_length=10, choices=MovementReason)
    on_hand_change = models.IntegerField(_("on hand"))
    reserved_change = models.IntegerField(_("reserved"))
    actor = models.CharField(_("by"), max_length=100, blank=True, default="")
    note = models.CharField(_("note"), max_length=200, blank=True, default="")
    at = models.DateTimeField(_("when"), db_default=Now())

    class Meta:
        verbose_name = _("stock movement")
        verbose_name_plural = _("stock movements")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(name="catalog_stockmovement_once_per_line_and_reason", fields=["line", "reason"]),
            models.UniqueConstraint(
                name="catalog_stockmovement_reservation_ends_once",
                fields=["line"],
                condition=Q(reason__in=[MovementReason.RELEASED, MovementReason.SOLD]),
            ),
            models.CheckConstraint(name="catalog_stockmovement_changes_fit_reason", condition=_FITTING_CHANGES),
        ]

    def __str__(self) -> str:
        changes = f"{self.on_hand_change:+d} on hand, {self.reserved_change:+d} reserved"
        return f"variant {self.variant_id}: {changes} ({self.reason})"
