from __future__ import annotations

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

import catalog.models.variant


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Variant",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "sku",
                    models.CharField(
                        help_text="Stock-keeping unit, unique in the shop.", max_length=40, verbose_name="SKU"
                    ),
                ),
                (
                    "name",
                    models.CharField(
                        blank=True, help_text="Such as “Large / Blue”.", max_length=80, verbose_name="name"
                    ),
                ),
                ("price_amount", models.BigIntegerField(verbose_name="price in minor units")),
                (
                    "price_currency",
                    models.CharField(
                        default=catalog.models.variant.shop_currency, max_length=3, verbose_name="currency"
                    ),
                ),
                ("active", models.BooleanField(default=True, verbose_name="active")),
                ("position", models.PositiveIntegerField(default=0, verbose_name="position")),
            ],
            options={
                "verbose_name": "variant",
                "verbose_name_plural": "variants",
                "ordering": ["position", "id"],
            },
        ),
        migrations.CreateModel(
            name="Picture",
            fields=[
                ("digest", models.CharField(max_length=64, primary_key=True, serialize=False, verbose_name="digest")),
                (
                    "media_type",
                    models.CharField(
                        choices=[
                            ("image/png", "PNG"),
                            ("image/jpeg", "JPEG"),
                            ("image/webp", "WebP"),
                            ("image/svg+xml", "SVG"),
                        ],
                        max_length=20,
                        verbose_name="format",
                    ),
                ),
                ("content", models.BinaryField(verbose_name="content")),
            ],
            options={
                "verbose_name": "picture",
                "verbose_name_plural": "pictures",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("media_type__in", ["image/png", "image/jpeg", "image/webp", "image/svg+xml"])
                        ),
                        name="catalog_picture_known_format",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Product",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "slug",
                    models.SlugField(
                        help_text="The product's part of its address.", max_length=80, verbose_name="slug"
                    ),
                ),
                ("name", models.CharField(max_length=120, verbose_name="name")),
                (
                    "summary",
                    models.CharField(
                        blank=True, help_text="One line for the list.", max_length=160, verbose_name="summary"
                    ),
                ),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "picture_alt",
                    models.CharField(
                        blank=True,
                        help_text="Read out to those who cannot see the picture.",
                        max_length=200,
                        verbose_name="picture in words",
                    ),
                ),
                (
                    "active",
                    models.BooleanField(
                        default=True, help_text="Inactive products are not shown in the shop.", verbose_name="active"
                    ),
                ),
                (
                    "position",
                    models.PositiveIntegerField(
                        default=0, help_text="Low numbers come first.", verbose_name="position"
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created")),
                (
                    "picture",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="products",
                        to="catalog.picture",
                        verbose_name="picture",
                    ),
                ),
            ],
            options={
                "verbose_name": "product",
                "verbose_name_plural": "products",
                "ordering": ["position", "name", "id"],
            },
        ),
        migrations.CreateModel(
            name="Stock",
            fields=[
                (
                    "variant",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="stock",
                        serialize=False,
                        to="catalog.variant",
                    ),
                ),
                ("on_hand", models.IntegerField(default=0, verbose_name="on hand")),
                ("reserved", models.IntegerField(default=0, verbose_name="reserved")),
            ],
            options={
                "verbose_name": "stock",
                "verbose_name_plural": "stock",
            },
        ),
        migrations.AddField(
            model_name="variant",
            name="product",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="variants",
                to="catalog.product",
                verbose_name="product",
            ),
        ),
        migrations.CreateModel(
            name="StockMovement",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("line", models.CharField(max_length=64, verbose_name="reference")),
                (
                    "reason",
                    models.CharField(
                        choices=[
                            ("reserved", "reserved"),
                            ("released", "released"),
                            ("sold", "sold"),
                            ("returned", "returned"),
                            ("received", "received"),
                            ("counted", "counted"),
                            ("lost", "lost or damaged"),
                        ],
                        max_length=10,
                        verbose_name="reason",
                    ),
                ),
                ("on_hand_change", models.IntegerField(verbose_name="on hand")),
                ("reserved_change", models.IntegerField(verbose_name="reserved")),
                ("actor", models.CharField(blank=True, default="", max_length=100, verbose_name="by")),
                ("note", models.CharField(blank=True, default="", max_length=200, verbose_name="note")),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name="when")),
                (
                    "variant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="stock_movements",
                        to="catalog.variant",
                        verbose_name="variant",
                    ),
                ),
            ],
            options={
                "verbose_name": "stock movement",
                "verbose_name_plural": "stock movements",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="product",
            constraint=models.UniqueConstraint(fields=("slug",), name="catalog_product_unique_slug"),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(("on_hand__gte", 0)), name="catalog_stock_on_hand_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__gte", 0)), name="catalog_stock_reserved_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="stock",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved__lte", models.F("on_hand"))), name="catalog_stock_reserved_within_on_hand"
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(fields=("sku",), name="catalog_variant_unique_sku"),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.UniqueConstraint(fields=("product", "name"), name="catalog_variant_unique_name"),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_amount__gte", 0)), name="catalog_variant_price_not_negative"
            ),
        ),
        migrations.AddConstraint(
            model_name="variant",
            constraint=models.CheckConstraint(
                condition=models.Q(("price_currency__regex", "^[A-Z]{3}$")), name="catalog_variant_currency_is_a_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.UniqueConstraint(
                fields=("line", "reason"), name="catalog_stockmovement_once_per_line_and_reason"
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.UniqueConstraint(
                condition=models.Q(("reason__in", ["released", "sold"])),
                fields=("line",),
                name="catalog_stockmovement_reservation_ends_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="stockmovement",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("on_hand_change", 0), ("reason", "reserved"), ("reserved_change__gt", 0)),
                    models.Q(("on_hand_change", 0), ("reason", "released"), ("reserved_change__lt", 0)),
                    models.Q(
                        ("on_hand_change__lt", 0), ("reason", "sold"), ("reserved_change", models.F("on_hand_change"))
                    ),
                    models.Q(
                        ("reason__in", ["returned", "received"]), ("on_hand_change__gt", 0), ("reserved_change", 0)
                    ),
                    models.Q(
                        ("reason", "counted"), ("reserved_change", 0), models.Q(("on_hand_change", 0), _negated=True)
                    ),
                    models.Q(("on_hand_change__lt", 0), ("reason", "lost"), ("reserved_change", 0)),
                    _connector="OR",
                ),
                name="catalog_stockmovement_changes_fit_reason",
            ),
        ),
    ]
