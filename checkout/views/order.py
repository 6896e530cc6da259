from __future__ import annotations

import logging
import uuid

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from checkout.carts import cart_of, remember
from checkout.forms import PayAgainForm
from checkout.messages import card_details_missing, is_given_up, shortage, told
from checkout.models import Order
from checkout.operations.place_order import return_url
from checkout.operations.restart import restart
from payments.gateways.base import CaptureMethod
from payments.models import Payment, Refund
from payments.operations.collect import AttemptStillOpen, PaymentClosed, client_config, try_again
from payments.operations.progress import Progress, ProgressState, client_secret, progress

logger = logging.getLogger(__name__)

PAID = Progress(ProgressState.PAID)


@never_cache
@require_safe
def show(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The one page for status, 3-D Secure, another try and thanks."""
    order = _order(public_id)
    standing = _standing(order)
    context = {
        "order": order,
        "lines": order.lines.all(),
        "state": standing.state.value,
        "message": told(order, standing),
        "is_given_up": is_given_up(order, standing),
        "fields": _fields(order, standing),
        "request_id": uuid.uuid4(),
        "refunds": _refunds(order.payment),
    }
    response = render(request, "orders/order.html", context)
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


@require_safe
def status(request: HttpRequest, public_id: uuid.UUID) -> JsonResponse:
    """Where the payment stands: `state`, `message`, and only while the shopper must act, `client_secret`."""
    order = _order(public_id)
    standing = _standing(order)
    answer = {"state": standing.state.value, "message": told(order, standing)}
    secret = client_secret(order.payment) if order.payment is not None else None
    if secret:
        answer["client_secret"] = secret
    response = JsonResponse(answer)
    response["Cache-Control"] = "no-store"
    return response


@never_cache
@require_safe
def come_back(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Where the shopper's bank sends them; what it appends to the address goes no further."""
    return _see(_order(public_id))


@require_POST
def pay(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Another try with another token, on the same payment; where there can be none, the page says how it stands."""
    order = _order(public_id)
    form = PayAgainForm(request.POST)
    if not form.is_valid():
        if _standing(order).state == ProgressState.DECLINED:
            messages.error(request, card_details_missing())
    elif order.payment is not None:
        try:
            try_again(
                order.payment,
                token=form.cleaned_data["confirmation_token"],
                request_id=form.cleaned_data["request_id"],
                return_url=return_url(order),
            )
        except (AttemptStillOpen, PaymentClosed) as refusal:
            logger.info("payment_not_tried_again", extra={"order": order.number, "reason": str(refusal)})
    return _see(order)


@require_POST
def start_again(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Put what an order that came to nothing held back into the shopper's cart; of other orders, show the page."""
    order = _order(public_id)
    restarted = restart(order, cart_of(request))
    if restarted is None:
        return _see(order)
    for name, left in restarted.short.items():
        messages.warning(request, shortage(name, left))
    response = HttpResponseRedirect(reverse("checkout:cart"), status=303)
    if restarted.cart is not None:
        remember(response, restarted.cart, secure=settings.SESSION_COOKIE_SECURE)
    return response


def _order(public_id: uuid.UUID) -> Order:
    order = Order.objects.select_related("payment__account", "address").filter(public_id=public_id).first()
    if order is None:
        raise Http404(_("There is no such order."))
    return order


def _standing(order: Order) -> Progress:
    return progress(order.payment) if order.payment is not None else PAID


def _fields(order: Order, standing: Progress) -> object:
    """The hosted fields' configuration, on the pages that can need the gateway's script."""
    if standing.is_past_payment:
        return None
    return client_config(order.total, CaptureMethod(settings.CAPTURE_METHOD)) if order.total else None


def _refunds(payment: Payment | None) -> list[Refund]:
    shown = (Refund.Status.SUCCEEDED, Refund.Status.PENDING, Refund.Status.REQUESTED)
    if payment is None:
        return []
    return list(payment.refunds.filter(status__in=shown).exclude(source=Refund.Source.SURPLUS))


def _see(order: Order) -> HttpResponseRedirect:
    return HttpResponseRedirect(order.get_absolute_url(), status=303)
