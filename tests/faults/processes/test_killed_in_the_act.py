"""Real processes, really killed, each at a moment that the test proves before it kills."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
import requests

from launch.visitor import UnexpectedAnswer
from tests.faults.processes.crash_points import ANSWER_STORED, BEFORE_THE_CALL, ORDER_COMMITTED
from tests.faults.processes.moments import hold_the_answer, is_charged_once, until_charged, until_paid
from tests.faults.processes.shopper import Shopper
from tests.faults.processes.town import Town


def test_a_worker_killed_after_the_charge_and_before_its_answer_is_stored_charges_once(
    town: Town, shopper: Shopper
) -> None:
    hold_the_answer(town, seconds=20)
    number = shopper.order()
    charge = until_charged(town, number)
    before = town.books.confirm_of(number)
    assert (before.status, before.answers) == ("in_flight", 0)

    town.kill("worker")
    assert town.books.confirm_of(number) == before
    town.books.let_leases_run_out()
    until_paid(town, shopper)

    after = town.books.confirm_of(number)
    assert (after.id, after.key, after.status) == (before.id, before.key, "succeeded")
    assert town.gateway.key_of(charge) == before.key
    assert [found["id"] for found in town.gateway.charges_of(number)] == [charge]
    assert is_charged_once(town, number)


def test_a_worker_killed_before_one_call_left_and_before_one_answer_was_applied_charges_each_once(
    town: Town, shopper: Shopper, other_shopper: Shopper
) -> None:
    town.gateway.will(on="webhooks", do="lose", times=100)  # nobody else brings the answer meanwhile
    town.board.arm(BEFORE_THE_CALL, showing="sale")
    unsent = shopper.order()
    town.until_reached(BEFORE_THE_CALL)
    town.board.arm(ANSWER_STORED, showing="sale")
    answered = other_shopper.order()
    town.until_reached(ANSWER_STORED)
    before, stored = town.books.confirm_of(unsent), town.books.confirm_of(answered)
    assert (before.status, before.answers) == ("in_flight", 0)
    assert (stored.status, stored.answers, stored.unapplied) == ("in_flight", 1, 1)

    town.kill("worker")
    assert town.gateway.charges_of(unsent) == []
    town.books.let_leases_run_out()
    until_paid(town, shopper)
    until_paid(town, other_shopper)

    (charge,) = town.gateway.charges_of(unsent)
    assert town.gateway.key_of(str(charge["id"])) == town.books.confirm_of(unsent).key == before.key
    assert town.books.confirm_of(answered).unapplied == 0
    assert is_charged_once(town, unsent)
    assert is_charged_once(town, answered)


def test_a_web_server_killed_between_the_commit_of_an_order_and_its_answer_gives_the_same_order_again(
    town: Town, shopper: Shopper
) -> None:
    orders = town.books.orders()
    shopper.fill_cart()
    shopper.fill_form()
    town.board.arm(ORDER_COMMITTED)
    with town.killing("web", ORDER_COMMITTED), pytest.raises(requests.ConnectionError):
        shopper.send()
    assert town.books.orders() == orders + 1

    number = town.until(shopper.send_again, "the form that is sent again is answered")
    until_paid(town, shopper)

    assert town.books.orders() == orders + 1
    assert is_charged_once(town, number)


def test_a_web_server_that_is_asked_to_stop_first_answers_whom_it_serves(town: Town, shopper: Shopper) -> None:
    orders = town.books.orders()
    shopper.fill_cart()
    shopper.fill_form()
    town.board.arm(ORDER_COMMITTED)
    with ThreadPoolExecutor() as aside:
        answer = aside.submit(shopper.send_only)
        town.until_reached(ORDER_COMMITTED)
        town.ask_to_stop("web")
        town.until(lambda: town.processes_under("web") == 1, "the idle one of two is gone")
        town.board.let_go(ORDER_COMMITTED)
        assert answer.result() == HTTPStatus.SEE_OTHER

    town.until(shopper.send_again, "the next web server answers")
    assert town.books.orders() == orders + 1


def test_a_database_killed_while_a_payment_is_carried_charges_once(town: Town, shopper: Shopper) -> None:
    worker = town.until(town.ready_worker, "a worker is there")
    hold_the_answer(town, seconds=3)
    number = shopper.order()
    charge = until_charged(town, number)
    before = town.books.confirm_of(number)
    assert (before.status, before.answers) == ("in_flight", 0)

    town.kill("PostgreSQL")
    town.until(town.books.can_be_read, "the database is back")
    town.until(lambda: worker.exit_code is not None, "the worker ends, since it lost its database")
    town.books.let_leases_run_out()
    until_paid(town, shopper)

    assert worker.exit_code == 1, "a supervisor that restarts on failure starts it again"
    assert [found["id"] for found in town.gateway.charges_of(number)] == [charge]
    assert is_charged_once(town, number)


def test_a_shopper_who_pays_while_the_database_is_away_is_asked_to_send_the_same_again(
    town: Town, shopper: Shopper
) -> None:
    shopper.fill_cart()
    shopper.fill_form()

    town.kill("PostgreSQL")
    with pytest.raises(UnexpectedAnswer, match="answered 503"):
        shopper.send()
    number = town.until(shopper.send_again, "the form that is sent again is answered")

    until_paid(town, shopper)
    assert is_charged_once(town, number)


def test_a_gateway_killed_while_it_holds_the_answer_back_has_charged_once(town: Town, shopper: Shopper) -> None:
    hold_the_answer(town, seconds=20)
    number = shopper.order()
    charge = until_charged(town, number)
    before = town.books.confirm_of(number)
    assert (before.status, before.answers) == ("in_flight", 0)

    town.kill("sandbox")
    until_paid(town, shopper)

    assert [found["id"] for found in town.gateway.charges_of(number)] == [charge]
    assert is_charged_once(town, number)


def test_a_worker_that_is_asked_to_stop_ends_well(town: Town) -> None:
    worker = town.until(town.ready_worker, "the next worker is there")
    town.ask_to_stop("worker")
    town.until(lambda: worker.exit_code is not None, "the worker ends")
    assert worker.exit_code == 0
