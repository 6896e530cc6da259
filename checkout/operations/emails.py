"""E-mails to shoppers: written with the fact, sent by a job, looked for again where the job was lost."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.db import transaction
from django.db.models.functions import Now
from django.template.loader import render_to_string

from checkout.models import Order, OrderEmail
from payments import queue

SUBJECTS = {
    OrderEmail.Kind.RECEIPT: "emails/receipt_subject.txt",
    OrderEmail.Kind.FINISH: "emails/finish_subject.txt",
    OrderEmail.Kind.REFUND: "emails/refund_subject.txt",
    OrderEmail.Kind.SURPLUS: "emails/surplus_subject.txt",
    OrderEmail.Kind.ENDED: "emails/ended_subject.txt",
}
LOST_AFTER = timedelta(minutes=2)
BATCH = 200


def write_email(order: Order, kind: OrderEmail.Kind, fact: str = "") -> None:
    """Have this e-mail sent once for this fact, if the transaction commits."""
    email, is_new = OrderEmail.objects.get_or_create(order=order, kind=kind, fact=fact)
    if is_new:
        queue.defer("checkout.send_email", email_id=email.pk)


def send_email(email_id: int) -> bool:
    """Send an e-mail that was not sent yet and that nobody else is sending; True if this call did.

    Raises what the mail server raises; the row stays unsent, and the sweep tries again.
    """
    with transaction.atomic():
        unsent = OrderEmail.objects.select_for_update(skip_locked=True, of=("self",)).filter(sent_at=None)
        email = unsent.select_related("order__payment", "order__address").filter(pk=email_id).first()
        if email is None:
            return False
        _message(email).send()
        OrderEmail.objects.filter(pk=email.pk).update(sent_at=Now())
    return True


def sweep_emails() -> int:
    """Enqueue again what was written a while ago and not sent; returns how many."""
    lost = OrderEmail.objects.filter(sent_at=None, written_at__lt=Now() - LOST_AFTER).order_by("written_at")
    ids = list(lost.values_list("pk", flat=True)[:BATCH])
    for email_id in ids:
        queue.defer_once("checkout.send_email", email_id=email_id)
    return len(ids)


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
