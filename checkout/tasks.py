from __future__ import annotations

from procrastinate import RetryStrategy
from procrastinate.contrib.django import app

from checkout.operations import emails
from checkout.operations.expire import expire_unpaid_orders
from checkout.operations.remind import remind as remind_shopper

_PATIENTLY = RetryStrategy(max_attempts=6, exponential_wait=3)


@app.task(name="checkout.send_email", queue="default")
def send_email(email_id: int) -> None:
    emails.send_email(email_id)


@app.task(name="checkout.remind", queue="default", retry=_PATIENTLY)
def remind(order_id: int) -> None:
    remind_shopper(order_id)


@app.periodic(cron="* * * * *")
@app.task(name="checkout.sweep_emails", queue="default", queueing_lock="checkout.sweep_emails")
def sweep_emails(timestamp: int) -> None:
    emails.sweep_emails()


@app.periodic(cron="* * * * *")
@app.task(name="checkout.expire_orders", queue="default", queueing_lock="checkout.expire_orders")
def expire_orders(timestamp: int) -> None:
    expire_unpaid_orders()
