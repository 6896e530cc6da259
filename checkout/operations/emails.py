"""E-mails to shoppers: written with the fact, sent by a job, looked for again where that failed or was lost."""

from __future__ import annotations

import logging
from datetime import timedelta
from logging import ERROR, WARNING

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.template.loader import render_to_string

from checkout.models import Order, OrderEmail
from payments import queue
from payments.audit.journal import Actor, Journal
from payments.transactions import retried

logger = logging.getLogger(__name__)

SUBJECTS = {
    OrderEmail.Kind.RECEIPT: "emails/receipt_subject.txt",
    OrderEmail.Kind.FINISH: "emails/finish_subject.txt",
    OrderEmail.Kind.REFUND: "emails/refund_subject.txt",
    OrderEmail.Kind.SURPLUS: "emails/surplus_subject.txt",
    OrderEmail.Kind.ENDED: "emails/ended_subject.txt",
}
LOST_AFTER = timedelta(minutes=2)
LONGEST_PAUSE_MINUTES = 60
MOST_TRIES = 75  # over three days
LONGEST_ERROR = 300
BATCH = 200


def write_email(order: Order, kind: OrderEmail.Kind, fact: str = "") -> None:
    """Have this e-mail sent once for this fact, if the transaction commits."""
    again = {"next_try_at": Now() + LOST_AFTER}
    email, is_new = OrderEmail.objects.get_or_create(order=order, kind=kind, fact=fact, defaults=again)
    if is_new:
        queue.defer("checkout.send_email", email_id=email.pk)


def send_email(email_id: int) -> bool:
    """Send an e-mail that was not sent yet and that nobody else is sending; True if this call did.

    Where it fails, the row says why and when the sweep tries again. It is the only one to try again.
    """
    with transaction.atomic():
        unsent = OrderEmail.objects.select_for_update(skip_locked=True, of=("self",)).filter(sent_at=None)
        email = unsent.select_related("order__payment", "order__address").filter(pk=email_id).first()
        if email is None:
            return False
        try:
            with transaction.atomic():
                _message(email).send()
        except Exception as error:  # the outermost edge of a job: whatever it was, this e-mail waits and no other
            _put_off(email, error)
            return False
        OrderEmail.objects.filter(pk=email.pk).update(sent_at=Now(), next_try_at=None)
    return True


def sweep_emails() -> int:
    """Enqueue what is due; returns how many. Whatever becomes of its job, it then stands behind all others."""
    with transaction.atomic():
        due = OrderEmail.objects.waiting().filter(next_try_at__lte=Now()).order_by("next_try_at")
        ids = list(due.select_for_update(skip_locked=True).values_list("pk", flat=True)[:BATCH])
        OrderEmail.objects.filter(pk__in=ids).update(next_try_at=Now() + LOST_AFTER)
        for email_id in ids:
            queue.defer_once("checkout.send_email", email_id=email_id)
    return len(ids)


@retried
def send_again(emails: QuerySet[OrderEmail], *, by: AbstractBaseUser) -> int:
    """Give e-mails that were given up new tries, the first at once; returns how many. Others stay as they are."""
    with transaction.atomic():
        rows = list(OrderEmail.objects.given_up().filter(pk__in=emails.values("pk")).select_for_update())
        journal = Journal(Actor.user(by.pk, "admin"), None)
        for email in rows:
            journal.note("sent_again", "email", email.pk, before={"tries": email.tries}, after={"tries": 0})
            queue.defer("checkout.send_email", email_id=email.pk)
        again = Now() + LOST_AFTER
        OrderEmail.objects.filter(pk__in=[email.pk for email in rows]).update(tries=0, next_try_at=again, last_error="")
        journal.write()
    return len(rows)


def _put_off(email: OrderEmail, error: Exception) -> None:
    tries = email.tries + 1
    given_up = tries >= MOST_TRIES
    pause = timedelta(minutes=min(2**email.tries, LONGEST_PAUSE_MINUTES))
    OrderEmail.objects.filter(pk=email.pk).update(
        tries=tries,
        next_try_at=None if given_up else Now() + pause,
        last_error=f"{type(error).__name__}: {error}"[:LONGEST_ERROR],
    )
    told = {"email": email.pk, "order": email.order.number, "tries": tries, "error": type(error).__name__}
    logger.log(ERROR if given_up else WARNING, "email_given_up" if given_up else "email_not_sent", extra=told)


def _message(email: OrderEmail) -> EmailMultiAlternatives:
    kind = OrderEmail.Kind(email.kind)
    order = email.order
    refunds = order.payment.refunds.all() if order.payment else []
    context = {
        "order": order,
        "lines": order.lines.all(),
        "link": settings.SITE_URL + order.get_absolute_url(),
        "refund": next((refund for refund in refunds if str(refund.pk) == email.fact), None),
    }
    message = EmailMultiAlternatives(
        subject=" ".join(render_to_string(SUBJECTS[kind], context).split()),
        body=render_to_string(f"emails/{kind.value}.txt", context),
        to=[order.email],
    )
    message.attach_alternative(render_to_string(f"emails/{kind.value}.html", context), "text/html")
    return message
