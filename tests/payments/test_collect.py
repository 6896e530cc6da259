"""`collect` and `try_again`: one wish is one payment, one attempt, one job."""

from __future__ import annotations

import threading
import uuid

import pytest
from django.db import connection, transaction

from payments.models import Operation, Payment, PaymentAttempt
from payments.money import Money
from payments.operations.collect import AmountNotChargeable, AttemptStillOpen, PaymentClosed, collect, try_again
from tests.payments.arrange import PRICE, RETURN_URL, authorized, carried, placed
from tests.payments.queued import jobs
from tests.payments.scripted import ScriptedGateway, lost

pytestmark = pytest.mark.django_db(transaction=True)


def again(payment: Payment, request_id: uuid.UUID | None = None) -> PaymentAttempt:
    return try_again(payment, token="tok_ok", request_id=request_id or uuid.uuid4(), return_url=RETURN_URL)


def test_collecting_writes_payment_attempt_operations_and_one_job_and_sends_nothing(gateway: ScriptedGateway) -> None:
    payment = placed()

    assert (payment.status, payment.attempts.get().status) == ("processing", "created")
    assert [o.kind for o in payment.operations.all()] == ["open", "sale"]
    assert jobs() == [("payments.submit", {"operation_id": payment.operations.get(kind="open").pk})]
    assert gateway.calls == []


def test_a_transaction_that_is_rolled_back_leaves_neither_rows_nor_job(gateway: ScriptedGateway) -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        collect(PRICE, token="tok_ok", request_id=uuid.uuid4(), description="x", return_url=RETURN_URL)
        raise ZeroDivisionError

    assert not Payment.objects.exists()
    assert jobs() == []


def test_an_amount_that_the_gateway_refuses_is_refused_before_anything_is_written(gateway: ScriptedGateway) -> None:
    with pytest.raises(AmountNotChargeable) as refused:
        placed(money=Money(49, "EUR"))

    assert refused.value.limits.minimum == 50
    assert not Payment.objects.exists()


def test_the_same_request_to_try_again_is_one_attempt(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    request_id = uuid.uuid4()

    assert again(payment, request_id) == again(payment, request_id)
    assert payment.attempts.count() == 2


@pytest.mark.parametrize("token", ["tok_action", "tok_processing"])
def test_while_an_attempt_may_still_take_money_there_is_no_other(gateway: ScriptedGateway, token: str) -> None:
    payment = carried(token)

    with pytest.raises(AttemptStillOpen):
        again(payment)


def test_while_an_outcome_is_unknown_there_is_no_other_attempt(gateway: ScriptedGateway) -> None:
    gateway.script("confirm", lost())
    payment = carried("tok_ok")

    with pytest.raises(AttemptStillOpen):
        again(payment)


def test_a_paid_authorized_or_ended_payment_is_closed(gateway: ScriptedGateway) -> None:
    ended = carried("tok_ok")
    for payment in (ended, authorized()):
        with pytest.raises(PaymentClosed):
            again(payment)


def test_two_tabs_that_try_again_at_once_make_one_attempt(gateway: ScriptedGateway) -> None:
    payment = carried("tok_declined")
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def try_from_a_tab() -> None:
        barrier.wait()
        try:
            again(payment)
            outcomes.append("tried")
        except AttemptStillOpen:
            outcomes.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_from_a_tab) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["refused"] * 7 + ["tried"]
    assert payment.operations.filter(kind="sale", status=Operation.Status.CREATED).count() == 1
