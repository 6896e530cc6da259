from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import stripe

from payments.gateways.base import (
    Answer,
    CancelPayment,
    CaptureMethod,
    CapturePayment,
    ClientConfig,
    ConfirmPayment,
    Declined,
    Found,
    ListedEvent,
    Lookup,
    Missing,
    NotChargeable,
    NotListed,
    OpenPayment,
    PaymentSeen,
    PaymentState,
    Processing,
    RefundPayment,
    RefundSeen,
    RefundState,
    Refusal,
    RequiresAction,
    Seen,
    Subject,
    SubjectKind,
    Succeeded,
    Unknown,
    WebhookNotice,
)
from payments.gateways.settlement import BalanceSeen, BalanceTransactionSeen, Page, PayoutSeen
from payments.gateways.stripe import amounts, events, settlement
from payments.gateways.stripe.answers import failed_question, failed_write, is_replay
from payments.gateways.stripe.objects import Unreadable, dispute_seen, payment_seen, refund_seen
from payments.money import Money

METHODS: list[Literal["card"]] = ["card"]
NEWEST = 100


@dataclass(frozen=True, slots=True)
class StripeGateway:
    """One Stripe account. A payment is a PaymentIntent, created without and confirmed with a ConfirmationToken.

    Source: docs.stripe.com/payments/build-a-two-step-confirmation, docs.stripe.com/api/payment_intents.
    """

    client: stripe.StripeClient = field(repr=False)
    live: bool
    publishable_key: str
    script_url: str
    webhook_secrets: tuple[str, ...] = field(repr=False)
    idempotency_window_s: int = 24 * 3600  # docs.stripe.com/api/idempotent_requests: pruned after at least 24 hours

    # --- writes

    def open_payment(self, request: OpenPayment, key: str) -> Answer:
        return self._write_payment(
            lambda: self.client.v1.payment_intents.create(
                {
                    "amount": amounts.to_stripe(request.money),
                    "currency": request.money.currency.lower(),
                    "capture_method": _capture_method(request.capture_method),
                    "allowed_payment_method_types": [*METHODS],
                    "description": request.description,
                    "metadata": {"reference": request.reference},
                },
                {"idempotency_key": key},
            ),
            done=(PaymentState.REQUIRES_PAYMENT_METHOD,),
        )

    def confirm(self, request: ConfirmPayment, key: str) -> Answer:
        return self._write_payment(
            lambda: self.client.v1.payment_intents.confirm(
                request.gateway_id,
                {"confirmation_token": request.token, "return_url": request.return_url, "use_stripe_sdk": True},
                {"idempotency_key": key},
            ),
            done=(PaymentState.SUCCEEDED, PaymentState.REQUIRES_CAPTURE),
        )

    def capture(self, request: CapturePayment, key: str) -> Answer:
        return self._write_payment(
            lambda: self.client.v1.payment_intents.capture(
                request.gateway_id,
                {"amount_to_capture": amounts.to_stripe(request.money)},
                {"idempotency_key": key},
            ),
            done=(PaymentState.SUCCEEDED,),
        )

    def cancel(self, request: CancelPayment, key: str) -> Answer:
        return self._write_payment(
            lambda: self.client.v1.payment_intents.cancel(request.gateway_id, {}, {"idempotency_key": key}),
            done=(PaymentState.CANCELED,),
        )

    def refund(self, request: RefundPayment, key: str) -> Answer:
        def write() -> Answer:
            refund = self.client.v1.refunds.create(
                {
                    "payment_intent": request.gateway_id,
                    "amount": amounts.to_stripe(request.money),
                    "metadata": {"reference": request.reference, "reason": request.reason},
                },
                {"idempotency_key": key},
            )
            return _refund_answer(refund_seen(refund, live=self.live), replayed=is_replay(refund))

        return _answered(write)

    # --- questions

    def retrieve_payment(self, gateway_id: str) -> Lookup:
        return self._ask(lambda: payment_seen(self.client.v1.payment_intents.retrieve(gateway_id)))

    def fetch(self, subject: Subject) -> Lookup:
        gateway_id = subject.gateway_id
        match subject.kind:
            case SubjectKind.PAYMENT:
                return self.retrieve_payment(gateway_id)
            case SubjectKind.REFUND:
                return self._ask(lambda: refund_seen(self.client.v1.refunds.retrieve(gateway_id), live=self.live))
            case SubjectKind.DISPUTE:
                return self._ask(lambda: dispute_seen(self.client.v1.disputes.retrieve(gateway_id)))

    def find_by_reference(self, reference: str) -> Lookup:
        """Look through the newest payments: lists have no filter for metadata, and the search index lags behind."""

        def find() -> Seen | None:
            newest = self.client.v1.payment_intents.list({"limit": NEWEST})
            seen = (payment_seen(intent) for intent in newest.data if _refers_to(intent.metadata, reference))
            return next(seen, None)

        return self._ask(find)

    def find_refund(self, payment_gateway_id: str, reference: str) -> Lookup:
        def find() -> Seen | None:
            refunds = self.client.v1.refunds.list({"payment_intent": payment_gateway_id, "limit": NEWEST})
            ours = (refund for refund in refunds.auto_paging_iter() if _refers_to(refund.metadata, reference))
            return next((refund_seen(refund, live=self.live) for refund in ours), None)

        return self._ask(find)

    def list_events(self, since: datetime, after: str) -> Page[ListedEvent] | NotListed:
        return events.list_events(self.client, since, after)

    def list_balance_transactions(self, since: datetime, after: str) -> Page[BalanceTransactionSeen] | NotListed:
        return settlement.list_balance_transactions(self.client, since, after)

    def retrieve_balance(self) -> BalanceSeen | NotListed:
        return settlement.retrieve_balance(self.client)

    def list_payouts(self, since: datetime, after: str) -> Page[PayoutSeen] | NotListed:
        return settlement.list_payouts(self.client, since, after)

    def client_secret(self, gateway_id: str) -> str | None:
        try:
            return self.client.v1.payment_intents.retrieve(gateway_id).client_secret
        except stripe.StripeError:
            return None  # the shopper's page asks again; what is wrong shows where workers call

    # --- without a call

    def client_config(self, money: Money, capture_method: CaptureMethod) -> ClientConfig:
        """The options of Elements must equal the PaymentIntent's, else Stripe refuses to confirm it."""
        return ClientConfig(
            module="stripe",
            script_url=self.script_url,
            options={
                "publishableKey": self.publishable_key,
                "mode": "payment",
                "amount": amounts.to_stripe(money),
                "currency": money.currency.lower(),
                "captureMethod": _capture_method(capture_method),
                "allowedPaymentMethodTypes": [*METHODS],
            },
        )

    def chargeable(self, money: Money) -> NotChargeable | None:
        return amounts.chargeable(money)

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> WebhookNotice:
        events.verify(body, headers.get(events.SIGNATURE_HEADER, ""), self.webhook_secrets)
        return events.read(body)

    # --- inside

    def _write_payment(self, write: Callable[[], stripe.PaymentIntent], done: tuple[PaymentState, ...]) -> Answer:
        def answer() -> Answer:
            intent = write()
            return _payment_answer(payment_seen(intent), done, replayed=is_replay(intent))

        return _answered(answer)

    def _ask(self, find: Callable[[], Seen | None]) -> Lookup:
        try:
            seen = find()
        except stripe.InvalidRequestError as error:
            if error.code == "resource_missing":
                return Missing(str(error))
            return failed_question(error)
        except stripe.StripeError as error:
            return failed_question(error)
        except Unreadable as error:
            return Unknown(f"an answer that makes no sense: {error}")
        return Found(seen) if seen else Missing("not among what Stripe lists")


def _answered(write: Callable[[], Answer]) -> Answer:
    """The answer of a write, whatever comes back instead of one."""
    try:
        try:
            return write()
        except stripe.StripeError as error:
            return failed_write(error)
    except amounts.NotExpressible as error:
        return Declined(Refusal("amount_not_expressible", str(error)))
    except Unreadable as error:
        return Unknown(f"an answer that makes no sense: {error}")


def _capture_method(method: CaptureMethod) -> Literal["automatic_async", "manual"]:
    return "manual" if method == CaptureMethod.MANUAL else "automatic_async"


def _refers_to(metadata: stripe.StripeObject | None, reference: str) -> bool:
    return metadata is not None and "reference" in metadata and metadata["reference"] == reference


def _payment_answer(seen: PaymentSeen, done: tuple[PaymentState, ...], *, replayed: bool) -> Answer:
    if seen.state in done:
        return Succeeded(seen, replayed)
    if seen.state == PaymentState.REQUIRES_ACTION:
        return RequiresAction(seen, replayed)
    if seen.state == PaymentState.PROCESSING:
        return Processing(seen, replayed)
    if seen.refusal is not None and seen.state == PaymentState.REQUIRES_PAYMENT_METHOD:
        return Declined(seen.refusal, seen, replayed)
    return Unknown(f"the payment is {seen.state} after a write that does not lead there")


def _refund_answer(seen: RefundSeen, *, replayed: bool) -> Answer:
    if seen.state == RefundState.SUCCEEDED:
        return Succeeded(seen, replayed)
    if seen.state == RefundState.PENDING:
        return Processing(seen, replayed)
    return Declined(seen.refusal or Refusal("refund_failed", f"the refund is {seen.state}"), seen, replayed)
