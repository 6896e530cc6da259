"""What waits for staff in the orders, for the admin's first page."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from checkout.models import Order, OrderEmail
from payments.admin.attention import Concern

CONCERNS: Sequence[Concern] = (
    Concern(
        _("Orders that need attention"),
        Order,
        "status__exact=needs_attention",
        Order.objects.filter(status=Order.Status.NEEDS_ATTENTION).count,
    ),
    Concern(_("E-mails given up"), OrderEmail, "state=given_up", OrderEmail.objects.given_up().count),
)
