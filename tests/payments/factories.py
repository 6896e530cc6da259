"""Rows as the operations write them; whatever needs a gateway's answer is arranged through a gateway instead."""

from __future__ import annotations

import uuid

import factory
from django.db.models import F
from factory.django import DjangoModelFactory

from payments.models import Dispute, GatewayAccount, Observation, Operation, Payment, PaymentAttempt, Refund
from payments.operations.clock import database_now


class AccountFactory(DjangoModelFactory[GatewayAccount]):
    class Meta:
        model = GatewayAccount
        django_get_or_create = ("gateway", "mode")

    gateway = "scripted"
    mode = GatewayAccount.Mode.TEST


class PaymentFactory(DjangoModelFactory[Payment]):
    class Meta:
        model = Payment

    account = factory.SubFactory(AccountFactory)
    amount = 4200
    currency = "EUR"
    capture_method = "automatic"
    description = "Order TG-TEST"
    status = Payment.Status.PROCESSING
    transition_cause = "requested"


class AttemptFactory(DjangoModelFactory[PaymentAttempt]):
    class Meta:
        model = PaymentAttempt

    payment = factory.SubFactory(PaymentFactory)
    request_id = factory.LazyFunction(uuid.uuid4)
    token = "tok_ok"
    return_url = "https://shop.example/orders/1/return"
    status = PaymentAttempt.Status.CREATED
    transition_cause = "requested"


class OperationFactory(DjangoModelFactory[Operation]):
    class Meta:
        model = Operation

    payment = factory.SubFactory(PaymentFactory)
    kind = Operation.Kind.OPEN
    amount = 4200
    currency = "EUR"
    send_before = factory.LazyFunction(database_now)
    status = Operation.Status.CREATED
    transition_cause = "requested"


class RefundFactory(DjangoModelFactory[Refund]):
    """A wish, reserved in the totals of its payment, which must have captured enough."""

    class Meta:
        model = Refund

    payment = factory.SubFactory(PaymentFactory, captured_amount=4200)
    account = factory.SelfAttribute("payment.account")
    request_id = factory.LazyFunction(uuid.uuid4)
    amount = 100
    currency = "EUR"
    source = Refund.Source.API
    status = Refund.Status.REQUESTED
    transition_cause = "requested"

    @classmethod
    def _create(cls, model_class: type[Refund], *args: object, **columns: object) -> Refund:
        refund: Refund = super()._create(model_class, *args, **columns)
        reserved = F("refund_reserved_amount") + refund.amount
        Payment.objects.filter(pk=refund.payment_id).update(refund_reserved_amount=reserved)
        return refund


class ObservationFactory(DjangoModelFactory[Observation]):
    class Meta:
        model = Observation

    payment = factory.SubFactory(PaymentFactory)
    source = Observation.Source.QUERY
    asked_at = factory.LazyFunction(database_now)


class DisputeFactory(DjangoModelFactory[Dispute]):
    class Meta:
        model = Dispute

    payment = factory.SubFactory(PaymentFactory)
    account = factory.SelfAttribute("payment.account")
    gateway_id = factory.Sequence(lambda number: f"D-{number}")
    amount = 100
    currency = "EUR"
    status = Dispute.Status.NEEDS_RESPONSE
    transition_cause = "observed"
    proof = factory.LazyAttribute(lambda row: ObservationFactory(payment=row.payment))
    state_answered_at = factory.LazyFunction(database_now)
