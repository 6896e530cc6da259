from __future__ import annotations

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import condition, require_safe

from catalog.models import Picture, Product
from catalog.selectors import Sort, products_for_sale, variants_for_sale

PRODUCTS_PER_PAGE = 24
LARGEST_QUANTITY = 99
LONGEST_SEARCH = 80


@require_safe
def product_list(request: HttpRequest) -> HttpResponse:
    words = request.GET.get("q", "").replace("\0", "").strip()[:LONGEST_SEARCH]
    sort = _asked_sort(request)
    paginator = Paginator(products_for_sale(words=words, sort=sort), PRODUCTS_PER_PAGE)
    page = paginator.get_page(request.GET.get("page"))
    context = {
        "page": page,
        "page_range": paginator.get_elided_page_range(page.number),
        "words": words,
        "sort": sort,
        "sorts": Sort,
        "currency": settings.SHOP_CURRENCY,
    }
    return render(request, "catalog/list.html", context)


@require_safe
def product_page(request: HttpRequest, slug: str) -> HttpResponse:
    product = get_object_or_404(Product, slug=slug, active=True)
    variants = variants_for_sale(product)
    in_stock = [variant for variant in variants if variant.available > 0]
    context = {
        "product": product,
        "variants": variants,
        "preselected": in_stock[0] if in_stock else None,
        "most": min(max((variant.available for variant in in_stock), default=1), LARGEST_QUANTITY),
    }
    return render(request, "catalog/product.html", context)


def _picture_etag(_request: HttpRequest, digest: str) -> str:
    return f'"{digest}"'


@require_safe
@condition(etag_func=_picture_etag)
def picture(request: HttpRequest, digest: str) -> HttpResponse:
    """The bytes under this digest never change, so browsers and a CDN may keep them for good."""
    found = get_object_or_404(Picture, pk=digest)
    headers = {
        "Cache-Control": "public, max-age=31536000, immutable",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(bytes(found.content), content_type=found.media_type, headers=headers)


def _asked_sort(request: HttpRequest) -> Sort:
    asked = request.GET.get("sort", "")
    return Sort(asked) if asked in Sort.values else Sort.FEATURED
