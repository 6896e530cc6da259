"""The database of the simulation: its clock, its little shop, and how it is emptied between two schedules."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection, transaction

from catalog.models import Product, Stock, Variant
from tests.faults.simulation import clock, witness
from tests.faults.simulation.world import ON_HAND

PRICE = 4200
_KEPT = ("catalog_product", "catalog_variant", "catalog_stock", "checkout_shippingmethod")


def build() -> None:
    """Migrate an empty database, give it the clock, and put the shop's goods on the shelf."""
    call_command("migrate", verbosity=0)
    clock.install()
    witness.install()
    User.objects.create(username="staff", date_joined=datetime(2026, 1, 1, tzinfo=UTC))
    product = Product.objects.create(slug="mug", name="Mug")
    for number, _ in enumerate(ON_HAND):
        variant = Variant.objects.create(
            product=product,
            name=f"Size {number}",
            sku=f"MUG-{number}",
            price_amount=PRICE + number,
            price_currency="EUR",
        )
        Stock.objects.get_or_create(variant=variant)


def clean() -> tuple[Sequence[Variant], User]:
    """Everything that a schedule left behind goes, past the triggers that keep it; the shelf is full again."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("; ".join(f"DELETE FROM {table}" for table in _tables()))
        witness.forget()
    variants = list(Variant.objects.order_by("pk"))
    for number, (variant, on_hand) in enumerate(zip(variants, ON_HAND, strict=True)):
        Stock.objects.filter(variant=variant).update(on_hand=on_hand, reserved=0)
        Variant.objects.filter(pk=variant.pk).update(price_amount=PRICE + number)
    return list(Variant.objects.order_by("pk")), User.objects.get(username="staff")


def _tables() -> list[str]:
    if not _found:
        with connection.cursor() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            names = [name for (name,) in cursor.fetchall()]
        kept = [name for name in names if name in _KEPT or name.startswith(("django_", "auth_"))]
        _found.extend(name for name in names if name not in kept)
    return _found


_found: list[str] = []
