"""A product that no measurement sells out."""

from __future__ import annotations

import uuid

from django.db import transaction

from catalog.models import Variant
from catalog.models.stock import MovementReason
from catalog.stock import adjust

PIECES = 100_000


def well_stocked() -> Variant:
    """The first variant for sale, with enough on the shelf for everybody."""
    variant = Variant.objects.for_sale().order_by("pk")[0]
    with transaction.atomic():
        reference = uuid.uuid4().hex
        adjust(variant.pk, PIECES, reason=MovementReason.RECEIVED, reference=reference, actor="benchmark")
    return variant
