from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from catalog.models import Variant
from catalog.stock import OutOfStock
from checkout.carts import cart_of
from checkout.forms import CheckoutForm
from checkout.messages import card_details_missing
from checkout.models import Cart, ShippingMethod
from checkout.operations.place_order import QuoteChanged, Wish, place_order, placed_as
from checkout.pricing import Quote, quote, shipping_methods
from payments.gateways.base import CaptureMethod, ClientConfig
from payments.operations.collect import AmountNotChargeable, client_config


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def checkout(request: HttpRequest) -> HttpResponse:
    """The one page of the checkout: who, where, how sent, and the gateway's card fields."""
    methods = shipping_methods()
    if request.method == "POST" and "update" not in request.POST:
        return _pay(request, methods)
    cart = cart_of(request)
    offer = quote(cart, _chosen(request, methods))
    if cart is None or not offer.lines:
        return _see(reverse("checkout:cart"))
    form = CheckoutForm(methods=methods, initial={**request.POST.dict(), **_hidden(cart, offer)})
    return _page(request, cart, offer, form)


def _chosen(request: HttpRequest, methods: list[ShippingMethod]) -> ShippingMethod | None:
    """The shipping method that the shopper asks a quote for, else the first; None where nothing can be sent."""
    wanted = request.POST.get("shipping_method")
    return next((method for method in methods if str(method.pk) == wanted), next(iter(methods), None))


def _pay(request: HttpRequest, methods: list[ShippingMethod]) -> HttpResponse:
    form = CheckoutForm(request.POST, methods=methods)
    form.is_valid()
    checkout_id = form.cleaned_data.get("checkout_id")
    if checkout_id and (earlier := placed_as(checkout_id)):  # a second click, a reload, another tab
        return _see(earlier.get_absolute_url())
    cart = cart_of(request)
    offer = quote(cart, _chosen(request, methods))
    if cart is None or not offer.lines:
        return _nothing_in_the_cart(request, checkout_id)
    if not form.errors and offer.total and not form.cleaned_data["confirmation_token"]:
        form.add_error(None, card_details_missing())
    if form.errors:
        return _page(request, cart, offer, form, status=422)
    return _place(request, cart, offer, form)


def _place(request: HttpRequest, cart: Cart, offer: Quote, form: CheckoutForm) -> HttpResponse:
    try:
        order = place_order(cart, _wish(form))
    except QuoteChanged as change:
        if not change.quote.lines:
            return _nothing_in_the_cart(request, form.cleaned_data["checkout_id"])
        form.add_error(None, _change(cart, change.quote, seen=form.cleaned_data["fingerprint"]))
        return _page(request, cart, change.quote, form, status=409)
    except OutOfStock as shortage:
        form.add_error(None, _shortage(shortage))
        return _page(request, cart, offer, form, status=409)
    except AmountNotChargeable as refused:
        form.add_error(None, refused.limits.reason)
        return _page(request, cart, offer, form, status=422)
    return _see(order.get_absolute_url())


def _wish(form: CheckoutForm) -> Wish:
    said = form.cleaned_data
    return Wish(
        checkout_id=said["checkout_id"],
        email=said["email"],
        name=said["name"],
        address=said["address"],
        city=said["city"],
        postal_code=said["postal_code"],
        country=said["country"],
        shipping_method=said["shipping_method"],
        fingerprint=said["fingerprint"],
        token=said["confirmation_token"],
    )


def _change(cart: Cart, now: Quote, *, seen: str) -> str:
    """Why the quote whose fingerprint the shopper saw is not the one that holds now."""
    others = [method for method in shipping_methods() if method != now.shipping_method]
    if any(quote(cart, method).fingerprint == seen for method in others):
        return _("The total that you saw was for another way of shipping. Look at the new total; nothing was charged.")
    return _("Your cart or its prices changed. Look at the new total; nothing was charged.")


def _nothing_in_the_cart(request: HttpRequest, checkout_id: uuid.UUID | None) -> HttpResponse:
    """Another click ordered what was in it a moment ago, or it was taken out elsewhere."""
    if checkout_id and (earlier := placed_as(checkout_id)):
        return _see(earlier.get_absolute_url())
    messages.warning(request, _("Your cart is empty now, so no order was placed and nothing was charged."))
    return _see(reverse("checkout:cart"))


def _shortage(shortage: OutOfStock) -> str:
    short = Variant.objects.select_related("product").in_bulk(list(shortage.available))
    told = [
        _("only %(left)d of %(variant)s left") % {"left": left, "variant": short[pk]}
        if left
        else _("%(variant)s is sold out") % {"variant": short[pk]}
        for pk, left in shortage.available.items()
    ]
    return _("Somebody was quicker: %(told)s. Change your cart; nothing was charged.") % {"told": "; ".join(told)}


def _hidden(cart: Cart, offer: Quote) -> dict[str, str]:
    return {"fingerprint": offer.fingerprint, "checkout_id": str(cart.checkout_id), "confirmation_token": ""}


def _page(request: HttpRequest, cart: Cart, offer: Quote, form: CheckoutForm, status: int = 200) -> HttpResponse:
    """Show the form, with what the shopper wrote, and the quote as it is now."""
    cart.refresh_from_db()
    if form.is_bound:
        form.data = {**request.POST.dict(), **_hidden(cart, offer)}
    context = {"form": form, "quote": offer, "fields": _fields(offer), "methods": shipping_methods()}
    return render(request, "checkout/checkout.html", context, status=status)


def _fields(offer: Quote) -> ClientConfig | None:
    """The hosted fields' configuration; None where nothing is paid, or nothing can be sent."""
    if not offer.total or offer.shipping_method is None:
        return None
    return client_config(offer.total, CaptureMethod(settings.CAPTURE_METHOD))


def _see(url: str) -> HttpResponseRedirect:
    return HttpResponseRedirect(url, status=303)
