"""An e-mail that cannot be sent is tried for days, keeps no other waiting, and is put before staff in the end."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.test import Client
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from checkout import tasks
from checkout.models import Order, OrderEmail, ShippingMethod
from checkout.operations import emails
from checkout.operations.emails import MOST_TRIES, send_email, sweep_emails
from payments.audit.sealing import seal_pending
from payments.audit.verification import verify_audit
from payments.models import AuditEntry
from tests.catalog.factories import shelved
from tests.checkout.ordering import carried_order
from tests.checkout.shopper import Shopper
from tests.payments.people import staff, superuser
from tests.payments.queued import jobs
from tests.payments.scripted import ScriptedGateway

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("standard_shipping")]

LIST = "/admin/checkout/orderemail/"


@pytest.fixture
def receipt(gateway: ScriptedGateway) -> OrderEmail:
    return carried_order(shelved(3)).emails.get()


@pytest.fixture
def no_mail_server(settings: Settings) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1  # where nothing listens


def due(order: Order, count: int) -> list[OrderEmail]:
    """E-mails that are to be sent, each a minute later than the one before."""
    written = [
        OrderEmail(
            order=order, kind="refund", fact=str(n), next_try_at=now() - timedelta(hours=1) + timedelta(minutes=n)
        )
        for n in range(count)
    ]
    return OrderEmail.objects.bulk_create(written)


def waits(email: OrderEmail) -> timedelta:
    """How long it is until the next try."""
    email.refresh_from_db()
    assert email.next_try_at is not None
    return email.next_try_at - now()


def give_up(email: OrderEmail) -> None:
    OrderEmail.objects.filter(pk=email.pk).update(tries=MOST_TRIES - 1)
    send_email(email.pk)
    email.refresh_from_db()
    assert email.next_try_at is None


def desk(user: User) -> Client:
    browser = Client()
    browser.force_login(user)
    return browser


def test_an_email_that_was_sent_has_no_next_try(receipt: OrderEmail) -> None:
    send_email(receipt.pk)

    receipt.refresh_from_db()
    assert receipt.sent_at is not None
    assert receipt.next_try_at is None


def test_the_receipt_of_an_order_of_zero_does_not_speak_of_a_payment(gateway: ScriptedGateway) -> None:
    ShippingMethod.objects.update(price_amount=0)
    shopper = Shopper()
    shopper.adds(shelved(1, price_amount=0))
    shopper.pays("")

    send_email(OrderEmail.objects.get().pk)

    receipt = mail.outbox[0]
    assert isinstance(receipt, EmailMultiAlternatives)
    for words in (receipt.body, str(receipt.alternatives[0][0])):
        assert "There was nothing to pay." in words
        assert "arrived" not in words


@pytest.mark.usefixtures("no_mail_server")
def test_an_email_that_cannot_be_sent_is_tried_less_and_less_often(receipt: OrderEmail) -> None:
    pauses = []
    for _ in range(8):
        assert not send_email(receipt.pk)
        pauses.append(round(waits(receipt) / timedelta(minutes=1)))

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert (receipt.tries, receipt.sent_at) == (8, None)
    assert "ConnectionRefusedError" in receipt.last_error
    assert sweep_emails() == 0


def test_emails_that_cannot_be_sent_keep_no_other_waiting(receipt: OrderEmail, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(emails, "BATCH", 2)
    *stuck, last = due(receipt.order, 3)

    sweep_emails()
    sweep_emails()

    enqueued = [arguments["email_id"] for name, arguments in jobs() if name == "checkout.send_email"]
    assert enqueued[-3:] == [*(email.pk for email in stuck), last.pk]


def test_an_email_whose_template_fails_is_put_off_like_any_other(
    receipt: OrderEmail, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(emails.SUBJECTS, OrderEmail.Kind.RECEIPT, "emails/nothing_here.txt")

    assert not send_email(receipt.pk)

    assert waits(receipt) > timedelta(0)
    assert "TemplateDoesNotExist" in receipt.last_error


@pytest.mark.usefixtures("no_mail_server")
def test_only_the_sweep_tries_again_and_not_the_queue_as_well(receipt: OrderEmail) -> None:
    tasks.send_email(receipt.pk)  # a job that fails would be run again by the queue

    receipt.refresh_from_db()
    assert receipt.tries == 1


def test_however_many_jobs_an_email_has_it_is_sent_once(receipt: OrderEmail) -> None:
    OrderEmail.objects.update(next_try_at=now() - timedelta(hours=1))
    sweep_emails()

    mails = [arguments for name, arguments in jobs() if name == "checkout.send_email"]
    assert mails == [{"email_id": receipt.pk}] * 2
    for _ in mails:
        tasks.send_email(receipt.pk)

    assert len(mail.outbox) == 1
    OrderEmail.objects.update(next_try_at=now() - timedelta(hours=1))
    assert sweep_emails() == 0


@pytest.mark.usefixtures("no_mail_server")
def test_an_email_that_is_given_up_is_counted_on_the_first_page_which_links_to_it(receipt: OrderEmail) -> None:
    assert "E-mails given up" not in desk(superuser()).get("/admin/").content.decode()
    give_up(receipt)

    assert sweep_emails() == 0
    page = desk(superuser()).get("/admin/").content.decode()
    (address,) = re.findall(r'<a href="([^"]+)">E-mails given up</a>', page)
    listed = desk(superuser()).get(address).content.decode()
    assert receipt.order.number in listed
    assert "ConnectionRefusedError" in listed


def test_staff_send_an_email_again_that_was_given_up(receipt: OrderEmail, settings: Settings) -> None:
    working, settings.EMAIL_BACKEND = settings.EMAIL_BACKEND, "django.core.mail.backends.nothing_here.EmailBackend"
    give_up(receipt)
    settings.EMAIL_BACKEND = working
    browser = desk(staff("view_orderemail", "resend_orderemail"))
    sent = {"action": "send_again", "_selected_action": [receipt.pk]}

    asked = browser.post(LIST, sent).content.decode()
    assert receipt.order.number in asked
    for _ in range(2):  # a double click
        browser.post(LIST, {**sent, "confirmed": "yes"})
    assert jobs()[-1] == ("checkout.send_email", {"email_id": receipt.pk})
    tasks.send_email(receipt.pk)

    assert [message.to for message in mail.outbox] == [["ada@example.com"]]
    assert AuditEntry.objects.filter(action="sent_again", object_type="email", object_id=receipt.pk).count() == 1
    seal_pending()
    assert list(verify_audit()) == []


def test_what_was_sent_or_is_still_tried_is_not_sent_again(receipt: OrderEmail) -> None:
    (waiting,) = due(receipt.order, 1)
    send_email(receipt.pk)
    before = jobs()

    desk(superuser()).post(
        LIST, {"action": "send_again", "_selected_action": [receipt.pk, waiting.pk], "confirmed": "yes"}
    )

    assert (jobs(), len(mail.outbox)) == (before, 1)


def test_sending_again_is_a_permission_of_its_own(receipt: OrderEmail) -> None:
    browser = desk(staff("view_orderemail"))

    assert browser.get(f"{LIST}{receipt.pk}/change/").status_code == 200
    assert "send_again" not in browser.get(LIST).content.decode()


@pytest.mark.parametrize(("state", "count"), [("waiting", 1), ("given_up", 1), ("sent", 1), ("", 3)])
def test_staff_list_emails_by_what_became_of_them(receipt: OrderEmail, state: str, count: int) -> None:
    send_email(receipt.pk)
    lost, _ = due(receipt.order, 2)
    OrderEmail.objects.filter(pk=lost.pk).update(next_try_at=None)

    listed = desk(superuser()).get(f"{LIST}?state={state}").content.decode()

    assert len(re.findall(r'class="field-order', listed)) == count
