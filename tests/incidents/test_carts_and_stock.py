"""What is shown is what is charged, and the last piece is sold once."""

from __future__ import annotations

import pytest

from catalog.models import Stock
from checkout.models import Cart, Order
from payments.models import Payment
from tests.catalog.factories import VariantFactory, shelved
from tests.checkout.shopper import Shopper
from tests.incidents.racing import at_once, deadlocks
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


def test_a_cart_that_grows_between_quote_and_pay_is_not_charged_as_it_was(gateway: ScriptedGateway) -> None:
    """saleor 11132 and woocommerce-gateway-stripe 4093: the cart changed while its old total was paid."""
    mug, lamp = shelved(5), shelved(5, price_amount=9900)
    shopper = Shopper()
    shopper.adds(mug)
    form = shopper.sees_form()
    shopper.adds(lamp)

    answer = shopper.pays(form=form)

    assert answer.status_code == 409
    assert (Order.objects.count(), Payment.objects.count()) == (0, 0)


def test_adding_to_the_cart_while_it_is_paid_is_either_in_the_order_or_still_in_the_cart(
    gateway: ScriptedGateway,
) -> None:
    """Warszawski and Bailis 2017 (ACIDRain), the cart attack: what is added after the pricing comes for free."""
    before = deadlocks()
    for _ in range(10):
        mug, lamp = shelved(5), shelved(5, price_amount=9900)
        shopper = Shopper()
        shopper.adds(mug)
        form = shopper.sees_form()
        other_tab = Shopper()
        other_tab.client.cookies.load(shopper.client.cookies.output(header=""))

        at_once([lambda: shopper.pays(form=form), lambda: other_tab.adds(lamp)])  # noqa: B023

        for order in Order.objects.filter(lines__variant=mug):
            charged = sum(line.total_amount for line in order.lines.all()) + order.shipping_amount
            assert order.total_amount == charged
            assert not order.lines.filter(variant=lamp).exists()
            assert Cart.objects.filter(lines__variant=lamp).exists()
    assert deadlocks() == before


def test_one_cart_paid_ten_times_at_once_is_one_order(gateway: ScriptedGateway) -> None:
    shopper = Shopper()
    shopper.adds(shelved(50))
    form = shopper.sees_form()

    answers = at_once([lambda: shopper.pays(form=form)] * 10)

    assert {getattr(answer, "status_code", answer) for answer in answers} == {303}
    assert Order.objects.count() == Payment.objects.count() == 1


def test_of_twenty_shoppers_for_the_last_piece_one_pays(gateway: ScriptedGateway) -> None:
    """saleor 543 and django-shop 888: the last item was sold twice."""
    last = VariantFactory.create(on_hand=1)
    shoppers = [Shopper() for _ in range(20)]
    for shopper in shoppers:
        shopper.adds(last)
    forms = [shopper.sees_form() for shopper in shoppers]

    def paying(shopper: Shopper, form: dict[str, str]) -> int:
        return shopper.pays(form=form).status_code

    answers = at_once(
        [lambda s=shopper, f=form: paying(s, f) for shopper, form in zip(shoppers, forms, strict=True)]  # type: ignore[misc]  # defaults bind the loop's values
    )

    assert sorted(answers, key=str) == [303] + [409] * 19
    stock = Stock.objects.get(variant=last)
    assert (Order.objects.count(), stock.on_hand, stock.reserved) == (1, 1, 1)
