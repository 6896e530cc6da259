"""One checkout is one order: what is shown is what is charged, and nobody gets what is not there."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from django.db import connection
from django.http import HttpRequest
from django.test.utils import CaptureQueriesContext

from catalog.models import Stock, Variant
from checkout.carts import cart_of
from checkout.models import Cart, Order, ShippingMethod
from payments.models import GatewayAccount, Payment
from tests.catalog.factories import VariantFactory, shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import PERSON, Shopper, payment_of
from tests.payments.queued import jobs
from tests.payments.refusals import refused_by
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

SHIPPING = 490


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(5, price_amount=1230)


@pytest.fixture
def shopper(mug: Variant) -> Shopper:
    shopper = Shopper()
    shopper.adds(mug, 2)
    return shopper


def test_an_order_is_answered_at_once_and_its_payment_queued(
    shopper: Shopper, mug: Variant, gateway: ScriptedGateway
) -> None:
    answer = shopper.pays()

    order = Order.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, order.get_absolute_url())
    assert (order.status, order.total_amount) == ("placed", 2 * 1230 + SHIPPING)
    assert payment_of(order).amount == order.total_amount
    assert [name for name, _ in jobs()] == ["payments.submit"]
    assert gateway.calls == []
    assert Stock.objects.get(variant=mug).reserved == 2
    assert not Cart.objects.get().lines.exists()


def test_an_orders_snapshot_keeps_names_prices_and_where_it_goes(shopper: Shopper, mug: Variant) -> None:
    shopper.pays()

    order = Order.objects.get()
    line = order.lines.get()
    assert (line.name, line.sku, line.unit_amount, line.quantity) == (str(mug), mug.sku, 1230, 2)
    assert (order.address.name, order.address.country.code) == (PERSON["name"], "DE")


def test_a_second_click_a_reload_and_another_tab_lead_to_the_same_order(shopper: Shopper) -> None:
    form = shopper.sees_form()

    first = shopper.pays(form=form)
    again = shopper.pays(form=form)
    other_tab = shopper.pays("tok_of_another_tab", form=form)

    assert first["Location"] == again["Location"] == other_tab["Location"]
    assert Order.objects.count() == Payment.objects.count() == 1


def test_twenty_clicks_at_once_make_one_order_and_one_payment(shopper: Shopper, mug: Variant) -> None:
    form = shopper.sees_form()
    barrier, answers = threading.Barrier(20), []

    def click() -> None:
        browser = Shopper()
        browser.client.cookies = shopper.client.cookies
        barrier.wait()
        answers.append(browser.pays(form=form))
        connection.close()

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {(answer.status_code, answer["Location"]) for answer in answers} == {
        (303, Order.objects.get().get_absolute_url())
    }
    assert Payment.objects.count() == 1
    assert Stock.objects.get(variant=mug).reserved == 2


def test_a_click_that_another_overtakes_after_it_looked_leads_to_the_same_order(
    shopper: Shopper, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = shopper.sees_form()
    other = Shopper()
    other.client.cookies = shopper.client.cookies
    overtaken: list[object] = []

    def overtaken_once(request: HttpRequest) -> Cart | None:
        if not overtaken:
            overtaken.append("now")
            overtaken.append(other.pays(form=form))
        return cart_of(request)

    monkeypatch.setattr("checkout.views.checkout.cart_of", overtaken_once)
    answer = shopper.pays(form=form)

    assert (answer.status_code, answer["Location"]) == (303, Order.objects.get().get_absolute_url())


@pytest.fixture
def a_first_order_that_collides() -> Iterator[None]:
    """The database ends the first transaction that inserts an order, as it does when two get in each other's way."""
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE SEQUENCE tests_orders;
            CREATE FUNCTION tests_collide() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
              IF nextval('tests_orders') = 1 THEN RAISE SQLSTATE '40001'; END IF;  -- a sequence is not rolled back
              RETURN NEW;
            END $$;
            CREATE TRIGGER tests_collide BEFORE INSERT ON checkout_order EXECUTE FUNCTION tests_collide();
        """)
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION tests_collide CASCADE; DROP SEQUENCE tests_orders")


@pytest.mark.usefixtures("a_first_order_that_collides")
def test_an_order_that_collides_in_the_database_is_placed_all_the_same(shopper: Shopper, mug: Variant) -> None:
    answer = shopper.pays()

    assert (answer.status_code, answer["Location"]) == (303, Order.objects.get().get_absolute_url())
    assert Payment.objects.count() == 1
    assert Stock.objects.get(variant=mug).reserved == 2


def test_a_price_that_rose_meanwhile_is_shown_and_nothing_is_charged(shopper: Shopper, mug: Variant) -> None:
    form = shopper.sees_form()
    Variant.objects.filter(pk=mug.pk).update(price_amount=9900)

    answer = shopper.pays(form=form)

    assert answer.status_code == 409
    assert b"nothing was charged" in answer.content
    assert b"202.90" in answer.content
    assert PERSON["address"].encode() in answer.content
    assert not Order.objects.exists()


def test_after_a_changed_price_was_shown_paying_again_places_the_order(shopper: Shopper, mug: Variant) -> None:
    form = shopper.sees_form()
    Variant.objects.filter(pk=mug.pk).update(price_amount=1000)
    shopper.pays(form=form)

    shopper.pays()

    assert Order.objects.get().total_amount == 2000 + SHIPPING


def test_a_cart_changed_in_another_tab_is_not_charged_as_it_was(shopper: Shopper, mug: Variant) -> None:
    form = shopper.sees_form()
    shopper.adds(mug, 1)

    assert shopper.pays(form=form).status_code == 409
    assert not Order.objects.exists()


def test_a_cart_that_was_emptied_in_another_tab_leads_back_to_the_cart_with_a_word_about_the_money(
    shopper: Shopper,
) -> None:
    form = shopper.sees_form()
    line = Cart.objects.get().lines.get()
    shopper.client.post(f"/cart/lines/{line.pk}/", {"quantity": 0})

    answer = shopper.pays(form=form)

    assert (answer.status_code, answer["Location"]) == (303, "/cart/")
    assert b"no order was placed and nothing was charged" in shopper.client.get("/cart/").content
    assert not Order.objects.exists()


def test_whoever_pays_without_the_carts_cookie_is_told_that_nothing_was_charged(shopper: Shopper) -> None:
    form = shopper.sees_form()
    del shopper.client.cookies["cart"]

    shopper.pays(form=form)

    assert b"no order was placed and nothing was charged" in shopper.client.get("/cart/").content
    assert not Order.objects.exists()


def test_a_price_sent_by_the_browser_is_ignored(shopper: Shopper) -> None:
    shopper.pays(total="1", total_amount="1", price="1")

    assert Order.objects.get().total_amount == 2 * 1230 + SHIPPING


def test_what_is_not_in_stock_any_more_is_told_and_nothing_is_kept(shopper: Shopper, mug: Variant) -> None:
    form = shopper.sees_form()
    Shopper().adds(mug, 5)
    quick = Shopper()
    quick.adds(mug, 4)
    quick.pays()

    answer = shopper.pays(form=form)

    assert answer.status_code == 409
    assert b"Somebody was quicker" in answer.content
    assert b"only 1 of" in answer.content
    assert Order.objects.count() == Payment.objects.count() == 1
    assert Cart.objects.filter(lines__quantity=2).exists()


def test_of_fifty_shoppers_for_the_last_piece_one_gets_it(gateway: ScriptedGateway) -> None:
    last = VariantFactory.create(on_hand=1)
    shoppers = [Shopper() for _ in range(50)]
    for shopper in shoppers:
        shopper.adds(last)
    forms = [shopper.sees_form() for shopper in shoppers]
    barrier, statuses = threading.Barrier(50), []

    def pay(shopper: Shopper, form: dict[str, str]) -> None:
        barrier.wait()
        statuses.append(shopper.pays(form=form).status_code)
        connection.close()

    threads = [threading.Thread(target=pay, args=pair) for pair in zip(shoppers, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(statuses) == [303] + [409] * 49
    assert Order.objects.count() == Payment.objects.count() == 1
    assert Stock.objects.get(variant=last).reserved == 1


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "not an address"),
        ("name", ""),
        ("country", "XX"),
        ("postal_code", ""),
        ("address", "a\nBcc: b@c.de"),
        ("name", "a\nb"),
        ("city", "a\u2028b"),
        ("postal_code", "1\r2"),
    ],
)
def test_a_field_that_does_not_do_is_named_and_the_form_kept(shopper: Shopper, field: str, value: str) -> None:
    answer = shopper.pays(form={**shopper.sees_form(), field: value})

    assert answer.status_code == 422
    assert f'id="id_{field}_error"'.encode() in answer.content
    assert all(text.encode() in answer.content for name, text in PERSON.items() if name != field)
    assert not Order.objects.exists()


def test_without_a_token_nothing_is_placed_and_the_form_is_kept(shopper: Shopper) -> None:
    answer = shopper.pays("")

    assert answer.status_code == 422
    assert b"card details did not arrive" in answer.content
    assert not Order.objects.exists()


def test_a_total_that_the_gateway_cannot_charge_is_told_in_the_cart_already(gateway: ScriptedGateway) -> None:
    dear = VariantFactory.create(price_amount=100_000_000, on_hand=1)
    shopper = Shopper()
    shopper.adds(dear)

    page = shopper.client.get("/cart/").content

    assert b"can be charged" in page
    assert shopper.pays().status_code == 422


def test_the_database_knows_what_an_orders_status_may_be(gateway: ScriptedGateway) -> None:
    order = carried_order(shelved(1))

    with refused_by("checkout_order_status_is_known"):
        Order.objects.filter(pk=order.pk).update(status="nonsense")


def test_an_order_of_zero_has_no_payment_and_is_confirmed_at_once(gateway: ScriptedGateway) -> None:
    ShippingMethod.objects.update(price_amount=0)
    gift = VariantFactory.create(price_amount=0, on_hand=1)
    shopper = Shopper()
    shopper.adds(gift)

    shopper.pays("")

    order = Order.objects.get()
    assert (order.payment, order.status) == (None, "confirmed")
    assert Stock.objects.get(variant=gift).on_hand == 0
    assert b"Thank you" in shopper.client.get(order.get_absolute_url()).content


def test_placing_an_order_takes_few_statements_however_long_the_cart(gateway: ScriptedGateway) -> None:
    GatewayAccount.objects.current()
    counts = []
    for pieces in (1, 8):
        shopper = Shopper()
        for variant in VariantFactory.create_batch(pieces, on_hand=1):
            shopper.adds(variant)
        form = shopper.sees_form()
        with CaptureQueriesContext(connection) as queries:
            assert shopper.pays(form=form).status_code == 303
        counts.append(len(queries))

    assert counts[0] == counts[1]
    assert counts[0] <= 26
