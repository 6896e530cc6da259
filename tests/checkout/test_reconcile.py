"""`manage.py reconcile`: by hand what the periodic jobs do, and every difference by its name."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from catalog.models import Variant
from payments.gateways.base import Unknown
from payments.gateways.settlement import MovementKind
from payments.models import GatewayAccount
from payments.money import Money
from payments.operations.breaker import record
from tests.catalog.factories import shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import long_ago, payment_of
from tests.payments.arrange import carry
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]


@pytest.fixture
def mug(gateway: ScriptedGateway) -> Variant:
    return shelved(5)


def reconcile() -> tuple[dict[str, str], str, str]:
    """The figures that it printed by their names, all that it printed, and its complaints."""
    out, err = StringIO(), StringIO()
    call_command("reconcile", stdout=out, stderr=err)
    lines = re.findall(r"^ *(\S.*?)  +(.+)$", out.getvalue(), re.MULTILINE)
    return dict(lines), out.getvalue(), err.getvalue()


def test_by_hand_everything_is_done_that_the_periodic_jobs_do(mug: Variant, gateway: ScriptedGateway) -> None:
    forgotten, acted = carried_order(mug, "tok_declined"), carried_order(mug, "tok_action")
    long_ago(forgotten)
    gateway.complete_action("P-2")
    gateway.webhook("P-2", event_id="e-lost")

    done, _, complaints = reconcile()
    carry(payment_of(forgotten))

    assert done["unpaid orders being ended"] == "1"
    assert done["webhook events that never came"] == done["webhook events processed"] == "1"
    assert done["waiting for staff"] == "0"
    for order, status in ((acted, "confirmed"), (forgotten, "cancelled")):
        order.refresh_from_db()
        assert order.status == status
    assert complaints == ""


def test_what_was_settled_is_shown_for_each_currency(mug: Variant, gateway: ScriptedGateway) -> None:
    payment = payment_of(carried_order(mug))
    gateway.settle_movement(MovementKind.CHARGE, payment.last_charge_id, payment.money, fee=88)

    done, printed, _ = reconcile()

    assert "scripted (test), settled in EUR and available to date:" in printed
    assert (done["charge"], done["fees"]) == ("17.20 EUR", "-0.88 EUR")
    assert done["the gateway moved"] == done["the ledger has"] == done["the gateway holds"] == "16.32 EUR"


def test_a_difference_is_named_and_ends_the_command_with_an_error(mug: Variant, gateway: ScriptedGateway) -> None:
    carried_order(mug)
    gateway.settle_movement(MovementKind.CHARGE, "ch_foreign", Money(999, "EUR"))
    reported = StringIO()
    _, printed, complaints = reconcile()
    assert "of it not booked yet" in printed and complaints == ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("UPDATE payments_balancetransaction SET seen_at = seen_at - interval '2 hours'")

    with pytest.raises(CommandError, match="2 differences") as ended:
        call_command("reconcile", stdout=StringIO(), stderr=reported)

    assert ended.value.returncode == 1
    assert "ch_foreign, which no payment here knows" in reported.getvalue()


def test_an_account_whose_keys_are_not_here_is_told_and_not_asked(mug: Variant, gateway: ScriptedGateway) -> None:
    carried_order(mug, "tok_action")
    gateway.live = True
    GatewayAccount.objects.current()

    _, printed, complaints = reconcile()

    assert "scripted (test): not asked, the keys are of another mode; open payments left as they are: 1" in printed
    assert complaints == ""


def test_a_gateway_that_is_away_is_told_and_the_rest_is_done(mug: Variant, gateway: ScriptedGateway) -> None:
    order = carried_order(mug, "tok_declined")
    long_ago(order)
    for _ in range(5):
        record(GatewayAccount.objects.current(), Unknown("timed out"))

    out, complaints = StringIO(), StringIO()
    with pytest.raises(CommandError, match="Not every account was compared") as ended:
        call_command("reconcile", stdout=out, stderr=complaints)

    assert ended.value.returncode == 2
    assert re.search(r"unpaid orders being ended +1\n", out.getvalue())
    assert "not compared, because the gateway gave no list: the gateway is paused" in complaints.getvalue()
    order.refresh_from_db()
    assert order.status == "placed"
