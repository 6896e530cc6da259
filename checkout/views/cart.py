from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Variant
from checkout.carts import add, cart_of, remember, set_quantity
from checkout.forms import AddToCartForm, QuantityForm
from checkout.messages import shortage
from checkout.models import Cart
from checkout.models.cart import MOST_OF_ONE
from checkout.pricing import quote, shipping_methods


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    method = next(iter(shipping_methods()), None)
    context = {"quote": quote(cart_of(request), method), "most_of_one": MOST_OF_ONE}
    return render(request, "checkout/cart.html", context)


@require_POST
def add_to_cart(request: HttpRequest) -> HttpResponse:
    form = AddToCartForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Choose a product and a quantity from 1 to %(most)d.") % {"most": MOST_OF_ONE})
        return _see_cart()
    variant = get_object_or_404(Variant.objects.for_sale(), pk=form.cleaned_data["variant"])
    if variant.available < 1:
        messages.error(request, shortage(str(variant), 0))
        return _see_cart()
    cart = cart_of(request) or Cart.objects.create()
    held = add(cart, variant, form.cleaned_data["quantity"])
    if held.is_cut:
        messages.warning(request, shortage(str(variant), held.quantity))
    response = _see_cart()
    remember(response, cart, secure=settings.SESSION_COOKIE_SECURE)
    return response


@require_POST
def update(request: HttpRequest, line_id: int) -> HttpResponse:
    cart = cart_of(request)
    form = QuantityForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Write a quantity from 0 to %(most)d.") % {"most": MOST_OF_ONE})
    elif cart is not None:
        set_quantity(cart, line_id, form.cleaned_data["quantity"])
    return _see_cart()


def _see_cart() -> HttpResponseRedirect:
    return HttpResponseRedirect(reverse("checkout:cart"), status=303)
