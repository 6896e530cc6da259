"""What the page shows of each kind of object: newest first, one page at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from sandbox.browser.authentication import money
from sandbox.browser.markup import Button, Buttons, Cell, Moment, Status, Table
from sandbox.collection import Collection, D, Page
from sandbox.documents import Dispute, PaymentIntent, Payout, Refund
from sandbox.faults import Fault
from sandbox.payments.dispute_evidence import CLOSED
from sandbox.payments.disputes import INQUIRIES
from sandbox.webhooks.queue import Delivery
from sandbox.world import Sandbox

PAGE_SIZE = 25
T = TypeVar("T")


def payments(sandbox: Sandbox, page: int) -> Table:
    """PaymentIntents, each with its last error."""
    found, more = _of(sandbox.payment_intents, page)
    rows = [
        (
            Moment(intent["created"]),
            intent["id"],
            money(intent["amount"], intent["currency"]),
            Status(intent["status"], str((intent["last_payment_error"] or {}).get("code") or "")),
            intent["latest_charge"] or "",
            _payment_deeds(intent),
        )
        for intent in found
    ]
    empty = "No payments yet. Pay for something in the shop and it shows up here."
    return Table(("Created", "Payment", "Amount", "Status", "Latest charge", "The bank"), rows, more, empty)


def refunds(sandbox: Sandbox, page: int) -> Table:
    """Refunds, each of which the bank can still turn."""
    found, more = _of(sandbox.refunds, page)
    rows = [
        (
            Moment(refund["created"]),
            refund["id"],
            money(refund["amount"], refund["currency"]),
            Status(refund["status"]),
            refund["payment_intent"],
            _turn(refund),
        )
        for refund in found
    ]
    return Table(("Created", "Refund", "Amount", "Status", "Payment", "The bank"), rows, more, "No refunds yet.")


def disputes(sandbox: Sandbox, page: int) -> Table:
    """Disputes, each of which the bank can decide while it is open."""
    found, more = _of(sandbox.disputes, page)
    rows = [
        (
            Moment(dispute["created"]),
            dispute["id"],
            money(dispute["amount"], dispute["currency"]),
            Status(dispute["status"], dispute["reason"]),
            dispute["charge"],
            _dispute_deeds(dispute),
        )
        for dispute in found
    ]
    empty = "No disputes yet. Open one beside a payment, or pay with a test card that disputes its charge."
    return Table(("Created", "Dispute", "Amount", "Status", "Charge", "The bank"), rows, more, empty)


def payouts(sandbox: Sandbox, page: int) -> Table:
    """Payouts, each of which can arrive at once or come back."""
    found, more = _of(sandbox.payouts, page)
    rows = [
        (
            Moment(payout["created"]),
            payout["id"],
            money(payout["amount"], payout["currency"]),
            Status(payout["status"], payout["failure_message"] or ""),
            Moment(payout["arrival_date"]),
            _payout_deeds(payout),
        )
        for payout in found
    ]
    return Table(("Created", "Payout", "Amount", "Status", "Arrives", "The bank"), rows, more, "No payouts yet.")


def events(sandbox: Sandbox, page: int) -> Table:
    """Events, each of which can be delivered once more where there is somewhere to deliver to."""
    found, more = _of(sandbox.events, page)
    rows = [
        (
            Moment(event["created"]),
            event["id"],
            event["type"],
            str(event["data"]["object"].get("id", "")),
            _again(sandbox, event["id"]),
        )
        for event in found
    ]
    return Table(("Created", "Event", "Type", "Object", "Webhook"), rows, more, "No events yet.")


def deliveries(sandbox: Sandbox, page: int) -> Table:
    """Webhook deliveries and how they went."""
    found, more = _cut(sandbox.deliveries.newest(page * PAGE_SIZE + 1), page)
    rows = [
        (
            str(delivery.id),
            delivery.event,
            Status(delivery.status),
            str(delivery.attempts),
            str(delivery.last_status or delivery.last_error),
            _next_attempt(delivery),
            _again(sandbox, delivery.event),
        )
        for delivery in found
    ]
    empty = "Nothing was delivered yet."
    if not sandbox.config.webhook_url:
        empty = "No webhooks are sent: SANDBOX_WEBHOOK_URL was not set when the sandbox started."
    columns = ("Delivery", "Event", "Status", "Attempts", "Last answer", "Next attempt", "Webhook")
    return Table(columns, rows, more, empty)


def faults(sandbox: Sandbox, page: int) -> Table:
    """Faults that wait for their moment."""
    found, more = _cut(sandbox.faults.waiting(), page)
    rows = [(str(fault.id), fault.on, fault.when, str(fault.times), _effect(fault)) for fault in found]
    return Table(("Fault", "On", "When", "Times left", "Effect"), rows, more, "No faults are set: all goes well.")


def _of(collection: Collection[D], page: int) -> tuple[Sequence[D], bool]:
    return _cut(collection.find(Page(limit=page * PAGE_SIZE + 1)), page)


def _cut(newest: Sequence[T], page: int) -> tuple[Sequence[T], bool]:
    end = page * PAGE_SIZE
    return newest[end - PAGE_SIZE : end], len(newest) > end


def _again(sandbox: Sandbox, event: str) -> Cell:
    if not sandbox.config.webhook_url:
        return ""
    return Button("Redeliver", "/deliveries", (("event", event),))


def _deed(label: str, action: str, object_id: str) -> Button:
    return Button(label, action, (("id", object_id),))


def _turn(refund: Refund) -> Cell:
    if refund["status"] not in ("pending", "succeeded"):
        return ""
    return _deed("Send it back", "/refunds/fail", refund["id"])


def _payment_deeds(intent: PaymentIntent) -> Cell:
    if intent["status"] == "processing":
        settle = _deed("Pay it", "/payments/settle", intent["id"])
        return Buttons((settle, _deed("Refuse it", "/payments/fail", intent["id"])))
    if intent["status"] == "succeeded" and intent["latest_charge"]:
        return _deed("Dispute it", "/payments/dispute", intent["latest_charge"])
    return ""


def _dispute_deeds(dispute: Dispute) -> Cell:
    if dispute["status"] in CLOSED:
        return ""
    last = ("Escalate it", "escalate") if dispute["status"] in INQUIRIES else ("Against you", "lose")
    choice = (("For you", "win"), last)
    return Buttons(tuple(_deed(label, f"/disputes/{name}", dispute["id"]) for label, name in choice))


def _payout_deeds(payout: Payout) -> Cell:
    back = _deed("Send it back", "/payouts/fail", payout["id"])
    if payout["status"] == "in_transit":
        return Buttons((_deed("Let it arrive", "/payouts/pay", payout["id"]), back))
    return back if payout["status"] == "paid" else ""


def _next_attempt(delivery: Delivery) -> Cell:
    return Moment(delivery.next_attempt) if delivery.status == "pending" else ""


def _effect(fault: Fault) -> str:
    effects = (
        (fault.hold_s, f"hold {fault.hold_s:g} s"),
        (fault.slow_s, f"slow down over {fault.slow_s:g} s"),
        (fault.status, f"answer {fault.status}"),
        (fault.retry_after_s, f"with Retry-After {fault.retry_after_s} s"),
        (fault.drop, "drop the connection"),
        (fault.do, fault.do),
        (fault.delay_s, f"by {fault.delay_s:g} s"),
        (fault.share != 1, f"to {fault.share:.0%} of the calls"),
    )
    return ", ".join(text for there, text in effects if there)
