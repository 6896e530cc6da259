"""What is shown is what is charged, and the last piece is sold once.

The races are those of Warszawski and Bailis, "ACIDRain: Concurrency-Related Attacks on Database-Backed Web
Applications" (SIGMOD 2017): each caller's check passes before another has written. Here the outcome is always one
that the callers could have had one after the other.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence

import pytest
from django.db import transaction
from django.db.models import Sum

from catalog.models import Stock, StockMovement, Variant
from catalog.models.stock import MovementReason
from catalog.stock import OutOfStock, adjust
from checkout.carts import add
from checkout.models import Cart, Order
from checkout.operations.place_order import QuoteChanged, place_order
from payments.models import Payment
from payments.money import Money
from payments.operations.submit import submit
from tests.catalog.factories import VariantFactory, shelved
from tests.checkout.ordering import carried_order, filled_cart, wish_for
from tests.checkout.shopper import Shopper, payment_of
from tests.incidents.racing import at_once, starting_line
from tests.payments.arrange import operation, retry
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping", "no_deadlock")]

ROUNDS = 30


def test_a_cart_that_grows_between_quote_and_pay_is_not_charged_as_it_was(gateway: ScriptedGateway) -> None:
    """saleor 11132: the cart changed while its old total was being paid."""
    mug, lamp = shelved(5), shelved(5, price_amount=9900)
    shopper = Shopper()
    shopper.adds(mug)
    form = shopper.sees_form()
    shopper.adds(lamp)

    answer = shopper.pays(form=form)

    assert answer.status_code == 409
    assert (Order.objects.count(), Payment.objects.count()) == (0, 0)


def test_a_price_that_changes_between_quote_and_pay_is_shown_before_it_is_charged(gateway: ScriptedGateway) -> None:
    """saleor 11132 again, from the shop's side."""
    mug = shelved(5)
    shopper = Shopper()
    shopper.adds(mug)
    form = shopper.sees_form()
    Variant.objects.filter(pk=mug.pk).update(price_amount=9900)

    assert shopper.pays(form=form).status_code == 409
    assert Payment.objects.count() == 0
    assert shopper.pays().status_code == 303
    assert Payment.objects.get().amount == 9900 + 490


def test_what_is_paid_after_a_decline_is_the_orders_total_whatever_the_price_is_now(
    mug: Variant, gateway: ScriptedGateway
) -> None:
    """woocommerce-gateway-stripe 4093: the order was changed after a decline, the next try paid the amount of before.

    Here an order never changes: who pays again pays what the order says and what its page shows.
    """
    order = carried_order(mug, "tok_declined")
    Variant.objects.filter(pk=mug.pk).update(price_amount=100)

    retry(payment_of(order))

    order.refresh_from_db()
    assert gateway.only_payment.captured == order.total == Money(1230 + 490, "EUR")
    assert order.status == "confirmed"


def lines_of(order: Order) -> set[int]:
    return set(order.lines.values_list("variant_id", flat=True))


def test_a_cart_raced_between_quote_and_pay_is_charged_as_quoted_or_not_at_all(mug: Variant) -> None:
    """ACIDRain, the cart attack: what is added after the pricing is in the order, and comes for free."""
    lamp = shelved(100, price_amount=9900)
    outcomes = set()
    with starting_line(2) as line:
        for _ in range(ROUNDS):
            cart = filled_cart(mug)
            wish = wish_for(cart)

            placed, _held = line.start([lambda: place_order(cart, wish), lambda: add(cart, lamp, 1)])  # noqa: B023

            outcomes.add(type(placed))
            left = set(cart.lines.values_list("variant_id", flat=True))
            if isinstance(placed, Order):
                assert lines_of(placed) == {mug.pk}
                assert payment_of(placed).amount == 1230 + 490
                assert left == {lamp.pk}
            else:
                assert isinstance(placed, QuoteChanged)
                assert left == {mug.pk, lamp.pk}
    assert outcomes <= {Order, QuoteChanged}


def test_one_cart_paid_in_two_tabs_with_different_contents_is_one_order_of_one_of_them(mug: Variant) -> None:
    """ACIDRain again: one tab was opened before the lamp was added, the other after; both pay in the same moment."""
    lamp = shelved(100, price_amount=9900)
    with starting_line(2) as line:
        for _ in range(ROUNDS):
            cart = filled_cart(mug)
            old_tab = wish_for(cart, token="tok_old_tab")
            add(cart, lamp, 1)
            new_tab = wish_for(cart)
            carts = [Cart.objects.get(pk=cart.pk), Cart.objects.get(pk=cart.pk)]

            results = line.start(
                [lambda: place_order(carts[0], old_tab), lambda: place_order(carts[1], new_tab)]  # noqa: B023
            )

            order = Order.objects.get(checkout_id=cart.checkout_id)
            assert isinstance(results[1], Order)
            assert results[0] == order or isinstance(results[0], QuoteChanged)
            assert lines_of(order) == {mug.pk, lamp.pk}
            assert payment_of(order).attempts.get().token == "tok_ok"  # only who saw this total pays it
            assert payment_of(order).amount == order.total_amount == 1230 + 9900 + 490


def test_one_cart_paid_ten_times_at_once_is_one_order(gateway: ScriptedGateway) -> None:
    """A double click, and eight more."""
    shopper = Shopper()
    shopper.adds(shelved(50))
    form = shopper.sees_form()

    answers = at_once([lambda: shopper.pays(form=form)] * 10)

    assert {getattr(answer, "status_code", answer) for answer in answers} == {303}
    assert Order.objects.count() == Payment.objects.count() == 1


def test_a_second_order_after_a_decline_has_a_payment_of_its_own(mug: Variant, gateway: ScriptedGateway) -> None:
    """woocommerce-payments 3980 and 6977: what was left over from a failed order was charged for the next one."""
    declined = carried_order(mug, "tok_declined")
    paid = carried_order(shelved(5, price_amount=9900))

    first, second = payment_of(declined), payment_of(paid)
    assert first.gateway_id != second.gateway_id
    assert gateway.payments[second.gateway_id].seen.captured == second.money == Money(9900 + 490, "EUR")
    assert (first.captured_amount, second.captured) == (0, second.money)


def test_of_fifty_shoppers_for_the_last_piece_one_pays(gateway: ScriptedGateway) -> None:
    """saleor 543 and django-shop 888: the last item was sold twice."""
    last = VariantFactory.create(on_hand=1)
    carts = [filled_cart(last) for _ in range(50)]
    wishes = [wish_for(cart) for cart in carts]

    def paying(number: int) -> Callable[[], Order]:
        return lambda: place_order(carts[number], wishes[number])

    results = at_once([paying(number) for number in range(50)])
    for payment in Payment.objects.all():
        submit(operation(payment, "open").pk)

    (order,) = [result for result in results if isinstance(result, Order)]
    assert [type(result) for result in results if result != order] == [OutOfStock] * 49
    assert (Order.objects.count(), Payment.objects.count(), gateway.successful_charges) == (1, 1, 1)
    stock = Stock.objects.get(variant=last)
    assert (stock.on_hand, stock.reserved) == (0, 0)


def test_a_stock_row_raced_by_shoppers_and_staff_is_what_its_movements_say(gateway: ScriptedGateway) -> None:
    """ACIDRain, the inventory attack: two writers who had read the same number of pieces."""
    shelf = VariantFactory.create(on_hand=6)

    def breakage() -> object:
        with transaction.atomic():
            return adjust(shelf.pk, -1, reason=MovementReason.LOST, reference=uuid.uuid4().hex, actor="staff")

    carts = [filled_cart(shelf) for _ in range(8)]
    wishes = [wish_for(cart) for cart in carts]
    shoppers: Sequence[Callable[[], object]] = [
        lambda cart=cart, wish=wish: place_order(cart, wish)  # type: ignore[misc]  # defaults bind the loop's values
        for cart, wish in zip(carts, wishes, strict=True)
    ]
    results = at_once([*shoppers, *[breakage] * 8])

    assert [type(result) for result in results if isinstance(result, Exception)] == [OutOfStock] * 10
    stock = Stock.objects.get(variant=shelf)
    moved = StockMovement.objects.filter(variant=shelf).aggregate(h=Sum("on_hand_change"), r=Sum("reserved_change"))
    assert (stock.on_hand, stock.reserved) == (moved["h"], moved["r"])
    assert stock.on_hand == stock.reserved == Order.objects.count()
