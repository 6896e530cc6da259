"""The staff's desk: read everything, change nothing but by an operation, and that once."""

from __future__ import annotations

import html
import re
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models.functions import Now
from django.http import HttpResponse
from django.test import Client

from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.gateways.base import Declined, Refusal, Subject, SubjectKind
from payments.ledger.verification import verify_ledger
from payments.models import AuditEntry, Discrepancy, Observation, Operation, Payment, Refund
from payments.money import Money
from payments.operations.lease import take_lease
from payments.operations.looking import look_at
from payments.operations.refunding import refund
from payments.states.discrepancies import close_discrepancy, open_discrepancy
from tests.payments.arrange import age, authorized, carried, carry, operation
from tests.payments.people import staff, superuser
from tests.payments.scripted import ScriptedGateway, answers, normal, unsent

pytestmark = pytest.mark.django_db(transaction=True)

EVERYTHING = ("refund_payment", "capture_payment", "void_payment", "decide_operation")


@pytest.fixture
def paid(gateway: ScriptedGateway) -> Payment:
    return carried("tok_ok")


def desk(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def page_of(browser: Client, payment: Payment, wish: str) -> str:
    response = browser.get(f"/admin/payments/payment/{payment.pk}/{wish}/")
    assert response.status_code == 200
    return response.content.decode()


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(request_id)" value="([^"]*)"', page))


def confirm(browser: Client, payment: Payment, wish: str, **fields: str) -> HttpResponse:
    """Open the page, fill it in and confirm it; then a worker carries what was asked for."""
    sent = {**hidden(page_of(browser, payment, wish)), **fields}
    browser.post(f"/admin/payments/payment/{payment.pk}/{wish}/", sent)
    response = browser.post(f"/admin/payments/payment/{payment.pk}/{wish}/", sent)  # a double click
    carry(payment)
    assert isinstance(response, HttpResponse)
    return response


def send_one_page(browser: Client, payment: Payment, wish: str, *amounts: str) -> str:
    """Open the page once, and send it with one amount after the other; what is answered last."""
    sent = hidden(page_of(browser, payment, wish))
    for amount in amounts:
        answer = browser.post(f"/admin/payments/payment/{payment.pk}/{wish}/", {**sent, "amount": amount})
    return answer.content.decode()


# --- What a payment's page shows


def test_a_payments_page_tells_its_whole_story(paid: Payment) -> None:
    response = desk(superuser()).get(f"/admin/payments/payment/{paid.pk}/change/")

    page = response.content.decode()
    for told in ("P-1", "sale", "receivable", "observation:", str(operation(paid, "sale").idempotency_key)):
        assert told in page
    assert "tok_ok" not in page


def test_the_desk_names_its_icon_so_that_no_browser_asks_for_one_that_is_not_there(paid: Payment) -> None:
    for page in ("/admin/", "/admin/payments/payment/", f"/admin/payments/payment/{paid.pk}/change/"):
        assert 'href="/static/images/tillgate.svg"' in desk(superuser()).get(page).content.decode()


def test_nobody_changes_a_payment_by_hand(paid: Payment) -> None:
    browser = desk(superuser())

    assert browser.post(f"/admin/payments/payment/{paid.pk}/change/", {"status": "failed"}).status_code == 403
    assert browser.get("/admin/payments/payment/add/").status_code == 403
    assert browser.post(f"/admin/payments/payment/{paid.pk}/delete/", {"post": "yes"}).status_code == 403


# --- Who may do what


@pytest.mark.parametrize("wish", ["refund", "capture", "void"])
def test_without_the_permission_there_is_neither_link_nor_page(gateway: ScriptedGateway, wish: str) -> None:
    payment = authorized() if wish != "refund" else carried("tok_ok")
    browser = desk(staff())

    page = browser.get(f"/admin/payments/payment/{payment.pk}/change/").content.decode()

    assert f"/{wish}/" not in page
    assert browser.get(f"/admin/payments/payment/{payment.pk}/{wish}/").status_code == 403
    assert browser.post(f"/admin/payments/payment/{payment.pk}/{wish}/", {}).status_code == 403


def test_whoever_may_not_see_payments_does_nothing_with_them(stuck: Operation) -> None:
    clerk = staff(*EVERYTHING)
    clerk.user_permissions.remove(Permission.objects.get(codename="view_payment"))
    browser = desk(User.objects.get(pk=clerk.pk))
    pages = [f"{stuck.payment_id}/{wish}" for wish in ("refund", "capture", "void")]

    for page in [*pages, f"operations/{stuck.pk}/decide"]:
        assert browser.get(f"/admin/payments/payment/{page}/").status_code == 403


def test_with_the_permission_the_page_links_to_what_is_possible(gateway: ScriptedGateway) -> None:
    browser = desk(staff(*EVERYTHING))

    held = browser.get(f"/admin/payments/payment/{authorized().pk}/change/").content.decode()
    taken = browser.get(f"/admin/payments/payment/{carried('tok_ok').pk}/change/").content.decode()

    assert ["/capture/" in held, "/void/" in held, "/refund/" in held] == [True, True, False]
    assert ["/capture/" in taken, "/void/" in taken, "/refund/" in taken] == [False, False, True]


# --- Refund


def test_a_refund_is_confirmed_on_a_page_that_proposes_what_is_left(paid: Payment, gateway: ScriptedGateway) -> None:
    browser = desk(staff("refund_payment"))
    assert 'value="42.00"' in page_of(browser, paid, "refund")

    response = confirm(browser, paid, "refund", amount="10.50", reason="Broken cup")

    assert response.status_code == 302
    assert (len(gateway.refunds), paid.refunded) == (1, Money(1050, "EUR"))
    assert 'value="31.50"' in page_of(browser, paid, "refund")
    wish = paid.refunds.get()
    assert (wish.reason, wish.requested_by_id) == ("Broken cup", staff("refund_payment").pk)


@pytest.mark.parametrize(
    ("amount", "told"),
    [
        ("43.00", "At most 42.00 EUR is left"),
        ("0", "positive"),
        ("-1", "positive"),
        ("1.001", "finer"),
        ("ten", "digits"),
    ],
)
def test_an_amount_that_cannot_be_refunded_is_told_and_what_was_written_stays(
    paid: Payment, gateway: ScriptedGateway, amount: str, told: str
) -> None:
    response = confirm(desk(staff("refund_payment")), paid, "refund", amount=amount, reason="Broken cup")

    assert response.status_code == 200
    page = response.content.decode()
    assert told in page and "Broken cup" in page
    assert (len(gateway.refunds), Refund.objects.count()) == (0, 0)


def test_a_disputed_payment_is_not_refunded_and_the_page_says_why(paid: Payment, gateway: ScriptedGateway) -> None:
    """Also where it was opened before the dispute came."""
    browser = desk(staff("refund_payment"))
    opened_before = hidden(page_of(browser, paid, "refund"))
    dispute = gateway.dispute("P-1", Money(1000, "EUR"))
    look_at(paid.account, Subject(SubjectKind.DISPUTE, dispute), source="webhook")

    sent = browser.post(f"/admin/payments/payment/{paid.pk}/refund/", {**opened_before, "amount": "1.00"})

    assert "disputes this payment" in sent.content.decode()
    opened = page_of(browser, paid, "refund")
    assert "disputes this payment" in opened and not hidden(opened)
    assert not paid.refunds.exists()


def test_a_page_that_is_sent_again_with_another_amount_does_not_claim_to_refund_it(paid: Payment) -> None:
    browser = desk(staff("refund_payment"))

    told = send_one_page(browser, paid, "refund", "2.00", "3.00")

    assert "has asked for 2.00 EUR already" in told
    assert paid.refunds.get().money == Money(200, "EUR")


def test_a_page_whose_refund_failed_does_not_claim_to_refund_when_it_is_sent_again(
    paid: Payment, gateway: ScriptedGateway
) -> None:
    browser = desk(staff("refund_payment"))
    sent = {**hidden(page_of(browser, paid, "refund")), "amount": "2.00"}
    address = f"/admin/payments/payment/{paid.pk}/refund/"
    browser.post(address, sent)
    gateway.script("refund", answers(Declined(Refusal("insufficient_balance", "the balance is too low"))))
    carry(paid)

    response = browser.post(address, sent)

    assert "came to nothing" in response.content.decode()
    assert paid.refunds.get().status == Refund.Status.FAILED


# --- Capture and void


def test_a_page_that_is_sent_again_with_another_amount_does_not_claim_to_capture_it(gateway: ScriptedGateway) -> None:
    payment = authorized()
    browser = desk(staff("capture_payment"))

    told = send_one_page(browser, payment, "capture", "5.00", "7.00")

    assert "has asked for 5.00 EUR already" in told
    assert payment.operations.get(kind=Operation.Kind.CAPTURE).money == Money(500, "EUR")


def test_an_authorization_is_captured_in_part_from_its_page_once(gateway: ScriptedGateway) -> None:
    payment = authorized()

    response = confirm(desk(staff("capture_payment")), payment, "capture", amount="12.00")

    assert response.status_code == 302
    assert (payment.status, payment.captured) == ("partially_captured", Money(1200, "EUR"))
    assert len(gateway.keys("capture")) == 1


def test_more_than_the_authorization_is_not_captured(gateway: ScriptedGateway) -> None:
    payment = authorized()

    response = confirm(desk(staff("capture_payment")), payment, "capture", amount="42.01")

    assert "not 42.01 EUR" in response.content.decode()
    assert gateway.keys("capture") == []


def test_an_authorization_is_voided_from_its_page_once(gateway: ScriptedGateway) -> None:
    payment = authorized()

    response = confirm(desk(staff("void_payment")), payment, "void")

    assert response.status_code == 302
    assert payment.status == "canceled"
    assert len(gateway.keys("cancel")) == 1


def test_a_paid_payments_void_page_says_that_there_is_nothing_to_void(paid: Payment) -> None:
    assert "There is nothing to void" in page_of(desk(staff("void_payment")), paid, "void")


# --- What only a person can tell


@pytest.fixture
def stuck(paid: Payment, gateway: ScriptedGateway) -> Operation:
    """A refund that was sent, left no trace, and may no longer be repeated."""
    gateway.script("refund", unsent())
    refund(paid, Money(500, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    age(paid, timedelta(hours=30))
    carry(paid)
    found = operation(paid, "refund")
    assert found.status == Operation.Status.UNKNOWN
    return found


def decide(user: User, stuck: Operation, **fields: str) -> HttpResponse:
    address = f"/admin/payments/payment/operations/{stuck.pk}/decide/"
    response = desk(user).post(address, {"note": "Looked in the dashboard", **fields})
    assert isinstance(response, HttpResponse)
    stuck.payment.refresh_from_db()
    return response


def test_a_refund_that_was_not_done_is_recorded_as_such_and_refundable_again(stuck: Operation) -> None:
    clerk = staff("decide_operation")
    page = desk(clerk).get(f"/admin/payments/payment/{stuck.payment_id}/change/").content.decode()
    assert "Record what you found" in page

    response = decide(clerk, stuck, outcome="not_done")

    assert response.status_code == 302
    assert (stuck.payment.refund_reserved_amount, stuck.payment.left) == (0, Money(4200, "EUR"))
    told = Observation.objects.get(source="person")
    assert (told.recorded_by_id, told.refusal_message) == (clerk.pk, "Looked in the dashboard")
    assert not Discrepancy.objects.filter(resolved_at=None).exists()
    decided = AuditEntry.objects.get(object_type="refund", action="observed")
    assert (decided.actor, decided.origin) == (f"user:{clerk.pk}", f"observation:{told.pk}")
    seal_pending()
    assert list(verify_audit()) == []


def test_a_refund_that_was_done_is_fetched_compared_and_booked(stuck: Operation, gateway: ScriptedGateway) -> None:
    outside = gateway.refund_outside("P-1", Money(500, "EUR"))

    response = decide(staff("decide_operation"), stuck, outcome="done", gateway_id=outside)

    assert response.status_code == 302
    assert (stuck.payment.refunded, stuck.payment.refund_reserved_amount) == (Money(500, "EUR"), 0)
    assert stuck.payment.refunds.get().gateway_id == outside
    assert list(verify_ledger()) == []


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"outcome": "done", "gateway_id": "R-404"}, "has no refund R-404"),
        ({"outcome": "done", "gateway_id": ""}, "Give the id"),
        ({"outcome": "not_done", "note": ""}, "required"),
        ({}, "required"),
    ],
)
def test_what_does_not_fit_is_not_recorded(stuck: Operation, fields: dict[str, str], told: str) -> None:
    response = decide(staff("decide_operation"), stuck, **fields)

    assert told in response.content.decode()
    assert not Observation.objects.filter(source="person").exists()


def test_another_amount_is_not_what_was_asked_for(stuck: Operation, gateway: ScriptedGateway) -> None:
    outside = gateway.refund_outside("P-1", Money(400, "EUR"))

    response = decide(staff("decide_operation"), stuck, outcome="done", gateway_id=outside)

    assert "this is about 5.00 EUR" in response.content.decode()


def test_deciding_is_for_those_who_may_and_only_where_a_person_is_needed(paid: Payment, stuck: Operation) -> None:
    assert decide(staff(), stuck, outcome="not_done").status_code == 403

    settled = operation(paid, "sale")
    response = decide(staff("decide_operation"), settled, outcome="not_done")
    assert "nothing to decide" in response.content.decode()


def test_nobody_decides_what_may_still_be_repeated(paid: Payment, gateway: ScriptedGateway) -> None:
    """Called not done and asked for anew, while our own worker repeats it, it would be given back twice."""
    gateway.script("refund", unsent())
    refund(paid, Money(500, "EUR"), reason="", by=staff(), request_id=uuid.uuid4())
    carry(paid)
    clerk = staff("decide_operation")

    response = decide(clerk, operation(paid, "refund"), outcome="not_done")

    assert "It may be repeated by itself until" in response.content.decode()
    page = desk(clerk).get(f"/admin/payments/payment/{paid.pk}/change/").content.decode()
    assert "Record what you found" not in page
    carry(paid)
    assert sum(made.money.amount for made in gateway.refunds.values()) == 500


def test_nobody_decides_while_a_worker_asks(stuck: Operation) -> None:
    Operation.objects.update(next_check_at=Now())
    assert take_lease(stuck.pk) is not None

    assert "is just being asked" in decide(staff("decide_operation"), stuck, outcome="not_done").content.decode()


def test_what_a_person_found_is_as_old_as_the_question(stuck: Operation, gateway: ScriptedGateway) -> None:
    """It fails while the page fetches it, and that is heard of first."""
    outside = gateway.refund_outside("P-1", Money(500, "EUR"))
    reference = str(stuck.payment.refunds.get().request_id)
    gateway.refunds[outside] = replace(gateway.refunds[outside], reference=reference)

    def it_fails_meanwhile() -> None:
        gateway.settle(outside, succeeded=False)
        look_at(stuck.payment.account, Subject(SubjectKind.REFUND, outside), source="webhook")

    gateway.script("fetch", normal(after=it_fails_meanwhile))
    decide(staff("decide_operation"), stuck, outcome="done", gateway_id=outside)

    assert stuck.payment.refunds.get().status == "failed"
    assert stuck.payment.refunded == Money(0, "EUR")


# --- Discrepancies


def tell() -> Discrepancy:
    open_discrepancy(Discrepancy.Kind.STUCK, "operation:1", "Nobody knows.", None)
    return Discrepancy.objects.latest("pk")


def opened(trouble: Discrepancy) -> dict[str, str]:
    """The form of the discrepancy's page as it is shown now."""
    page = desk(superuser()).get(f"/admin/payments/discrepancy/{trouble.pk}/change/").content.decode()
    seen = re.search(r'name="initial-resolution"(?: value="([^"]*)")?', page)
    assert seen, "the page carries the resolution that it shows"
    shown = html.unescape(seen[1] or "")
    return {"owner": "", "resolution": shown, "initial-resolution": shown}


def save(trouble: Discrepancy, form: dict[str, str]) -> HttpResponse:
    response = desk(superuser()).post(f"/admin/payments/discrepancy/{trouble.pk}/change/", form)
    assert isinstance(response, HttpResponse)
    trouble.refresh_from_db()
    return response


def resolve(trouble: Discrepancy, resolution: str) -> HttpResponse:
    return save(trouble, {**opened(trouble), "resolution": resolution})


def test_a_resolution_closes_a_discrepancy_and_taking_it_back_opens_it_again() -> None:
    trouble = tell()

    resolve(trouble, "It was done")
    assert trouble.resolved_at is not None

    resolve(trouble, "")
    assert trouble.resolved_at is None


def test_a_resolution_is_not_taken_back_once_the_same_was_told_again() -> None:
    trouble = tell()
    resolve(trouble, "It was done")
    tell()

    response = resolve(trouble, "")

    assert "was put before staff again" in response.content.decode()
    assert trouble.resolution == "It was done"


def test_a_page_that_was_opened_before_the_system_closed_a_discrepancy_leaves_it_closed() -> None:
    trouble = tell()
    form = opened(trouble)
    close_discrepancy(Discrepancy.Kind.STUCK, "operation:1", "The outcome is proven.")

    save(trouble, {**form, "owner": str(superuser().pk)})

    assert trouble.resolved_at is not None
    assert (trouble.resolution, trouble.owner) == ("The outcome is proven.", superuser())


def test_a_resolution_is_not_written_over_one_that_nobody_saw() -> None:
    trouble = tell()
    form = opened(trouble)
    close_discrepancy(Discrepancy.Kind.STUCK, "operation:1", "The outcome is proven.")

    response = save(trouble, {**form, "resolution": "It was done"})

    assert "resolved otherwise meanwhile: “The outcome is proven.”" in response.content.decode()
    assert trouble.resolution == "The outcome is proven."


# --- The first page


def test_the_first_page_counts_what_needs_attention_and_links_to_it(stuck: Operation) -> None:
    page = desk(superuser()).get("/admin/").content.decode()

    assert "Needs attention" in page
    for concern in ("Open discrepancies", "Operations without an outcome"):
        (address,) = re.findall(rf'<a href="([^"]+)">{concern}</a>', page)
        listed = desk(superuser()).get(address.replace("&amp;", "&"))
        assert listed.status_code == 200
        assert "1 " in listed.content.decode()


def test_the_first_page_is_quiet_when_nothing_does(paid: Payment) -> None:
    assert "Needs attention" not in desk(superuser()).get("/admin/").content.decode()
