from __future__ import annotations

from typing import ClassVar

from django import forms
from django.contrib import admin
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Aggregate, Count, F, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from catalog.admin.generic import ProductModelAdmin, ProductModelForm, VariantTabularInline
from catalog.admin.variant import VariantForm
from catalog.models import Picture, Product, Variant
from catalog.models.variant import shop_currency
from catalog.pictures import LARGEST_PICTURE, recognise
from catalog.prices import display


class ProductForm(ProductModelForm):
    upload = forms.FileField(
        label=_("New picture"),
        required=False,
        help_text=_("PNG, JPEG or WebP, square, at most 1 MB. It replaces the picture above."),
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg,image/webp"}),
    )

    class Meta:
        model = Product
        fields: ClassVar = ["name", "slug", "summary", "description", "picture_alt", "active", "position"]

    def clean_upload(self) -> UploadedFile[bytes] | None:
        upload: UploadedFile[bytes] | None = self.cleaned_data["upload"]
        if upload is None:
            return None
        if upload.size is None or upload.size > LARGEST_PICTURE:
            raise forms.ValidationError(
                _("The picture is larger than %(limit)s. Save it smaller and upload it again."),
                params={"limit": filesizeformat(LARGEST_PICTURE)},
            )
        content = upload.read()
        media_type = recognise(content)
        if media_type is None:
            raise forms.ValidationError(_("This file is no PNG, JPEG or WebP picture. Save it as one of these."))
        self.instance.picture = Picture.objects.store(content, media_type)
        return upload


class VariantInline(VariantTabularInline):
    model = Variant
    form = VariantForm
    extra = 0
    min_num = 1
    fields = ("sku", "name", "price", "active", "position", "in_stock")
    readonly_fields = ("in_stock",)
    show_change_link = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Variant]:
        return super().get_queryset(request).select_related("product", "stock")

    @admin.display(description=_("available"))
    def in_stock(self, variant: Variant) -> int:
        return variant.available


@admin.register(Product)
class ProductAdmin(ProductModelAdmin):
    form = ProductForm
    inlines = (VariantInline,)
    list_display = ("thumbnail", "name", "variant_count", "price_range", "available", "active", "position")
    list_display_links = ("thumbnail", "name")
    list_filter = ("active",)
    search_fields = ("name", "slug", "variants__sku", "variants__name")
    prepopulated_fields: ClassVar = {"slug": ("name",)}
    readonly_fields = ("preview",)
    fields = ("name", "slug", "summary", "description", "preview", "upload", "picture_alt", "active", "position")
    save_on_top = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Product]:
        in_shop_currency = Q(price_currency=shop_currency())
        return (
            super()
            .get_queryset(request)
            .annotate(
                variant_count=_over_variants(Count("pk")),
                lowest_price=_over_variants(Min("price_amount", filter=in_shop_currency)),
                highest_price=_over_variants(Max("price_amount", filter=in_shop_currency)),
                available=_over_variants(Sum(F("stock__on_hand") - F("stock__reserved"))),
            )
        )

    @admin.display(description=_("picture"))
    def thumbnail(self, product: Product) -> SafeString | str:
        return _image(product, 48)

    @admin.display(description=_("picture"))
    def preview(self, product: Product) -> SafeString | str:
        return _image(product, 240)

    @admin.display(description=_("variants"), ordering="variant_count")
    def variant_count(self, product: Product) -> int:
        return vars(product)["variant_count"] or 0

    @admin.display(description=_("price"), ordering="lowest_price")
    def price_range(self, product: Product) -> str:
        lowest, highest = vars(product)["lowest_price"], vars(product)["highest_price"]
        ends = sorted({amount for amount in (lowest, highest) if amount is not None})
        return " – ".join(display(amount, shop_currency()) for amount in ends) or "–"

    @admin.display(description=_("available"), ordering="available")
    def available(self, product: Product) -> int:
        return vars(product)["available"] or 0


def _over_variants(aggregate: Aggregate) -> Subquery:
    """A subquery of its own, since the search joins variants too and would count them twice."""
    variants = Variant.objects.filter(product=OuterRef("pk")).order_by().values("product")
    return Subquery(variants.annotate(aggregate=aggregate).values("aggregate"))


def _image(product: Product, size: int) -> SafeString | str:
    if not product.picture_url:
        return "–"
    return format_html('<img src="{}" alt="" width="{}" height="{}">', product.picture_url, size, size)
