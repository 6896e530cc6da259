"""Every line at which a process is killed, in one table."""

from __future__ import annotations

from tests.faults.processes.point import CrashPoint, Role, Victim, When


def _worker(name: str, when: When, function: str, victim: Victim = Victim.PROCESS, showing: str = "") -> CrashPoint:
    return CrashPoint(f"worker: {name}", Role.WORKER, when, function, victim, showing)


def _web(name: str, when: When, function: str, victim: Victim = Victim.PROCESS, showing: str = "") -> CrashPoint:
    return CrashPoint(f"web: {name}", Role.WEB, when, function, victim, showing)


B, A = When.BEFORE, When.AFTER

BEFORE_THE_CALL = _worker("before the call", B, "payments.operations.calls:send")
ANSWER_STORED = _worker("answer stored, not applied", A, "payments.operations.submit:_store_answer")
ORDER_COMMITTED = _web("order committed, not answered", A, "checkout.views.checkout:place_order", Victim.PROGRAM)
ATTEMPT_COMMITTED = _web("another try committed, not answered", A, "checkout.views.order:try_again")
REFUND_COMMITTED = _web("refund committed, not answered", A, "payments.admin.wishes:refund")
ANSWER_LOST = _worker("answer lost, not put down", B, "payments.operations.submit:put_down")
PUT_DOWN = _worker("put down as unknown", A, "payments.operations.submit:put_down")
BEFORE_ASKING = _worker("before asking", B, "payments.operations.calls:look")
ASKED = _worker("asked, answer not stored", A, "payments.operations.calls:look")
GOING_ON = _worker("asked, before going on", B, "payments.operations.submit:go_on")
FENCED = _worker("fence written", A, "payments.operations.submit:_end_by")
MADE_ANEW = _worker("made anew with another key", A, "payments.operations.submit:_make_anew")
LEFT_TO_A_PERSON = _worker("left to a person", A, "payments.operations.submit:_give_to_a_person")
OUTCOME_STORED = _web("outcome recorded, not applied", A, "payments.operations.deciding:keep")
OUTCOME_RECORDED = _web("outcome recorded, not answered", A, "payments.admin.payment:record_not_done")
EVENT_MISSED = _worker("event that never came, not stored", A, "payments.webhooks.replay:_row")
GATEWAY_LOST_BEFORE_ASKING = _worker("gateway lost before asking", B, "payments.operations.calls:look", Victim.GATEWAY)
GATEWAY_LOST_AT_WORK = _worker(
    "gateway lost between the charge and its answer",
    B,
    "payments.operations.calls:send",
    Victim.GATEWAY_AT_WORK,
    "sale",
)

CARRYING = (
    _worker("lease taken, not committed", A, "payments.operations.lease:_claim"),
    _worker("lease committed", A, "payments.operations.submit:take_lease"),
    BEFORE_THE_CALL,
    _worker("answer in hand, not stored", A, "payments.operations.calls:send"),
    ANSWER_STORED,
    _worker("applied, not committed", A, "payments.states.apply:_mark_applied"),
    _worker("next operation leased, not committed", A, "payments.operations.submit:_next_to_send"),
)
DOUBTING = (ANSWER_LOST, PUT_DOWN, BEFORE_ASKING, ASKED, GOING_ON, FENCED, MADE_ANEW, LEFT_TO_A_PERSON)
DRAINING = (
    _worker("events claimed", A, "payments.webhooks.inbox:_claim"),
    _worker("object fetched, not stored", B, "payments.operations.looking:store"),
    _worker("object stored, not applied", A, "payments.operations.looking:store"),
    _worker("object applied, event not marked", B, "payments.webhooks.inbox:_after_looking"),
    _worker("event marked", A, "payments.webhooks.inbox:_after_looking"),
)
PERIODIC = (
    _worker("sweep enqueued, not committed", A, "payments.queue:submit"),
    _worker("sweep committed", A, "payments.operations.sweeping:sweep_operations"),
    _worker("seal written, not committed", A, "payments.audit.sealing:_append"),
    _worker("seal committed", A, "payments.tasks:seal_pending"),
)
MAILING = (
    _worker("e-mail written, not sent", A, "checkout.operations.emails:_message"),
    _worker("e-mail sent, not marked", A, "django.core.mail.message:EmailMessage.send"),
    _worker("reminder begun", B, "checkout.tasks:remind_shopper"),
)
SERVING = (
    _web("order inserted", A, "checkout.operations.place_order:_insert_order"),
    _web("order whole, not committed", A, "checkout.operations.place_order:reserve"),
    ORDER_COMMITTED,
    _web("another try written, not committed", A, "payments.operations.collect:move"),
    ATTEMPT_COMMITTED,
    _web("refund written, not committed", A, "payments.operations.refunding:_write"),
    REFUND_COMMITTED,
    OUTCOME_STORED,
    OUTCOME_RECORDED,
    _web("webhook not stored", B, "payments.webhooks.intake:_store"),
    _web("webhook stored, not answered", A, "payments.webhooks.intake:_store", Victim.PROGRAM),
)
# Each waits for the job that the kill before it left dead: in turn, so that one list is read while the other waits.
LISTING = (
    _worker("movements listed, not kept", B, "payments.operations.settlement:_keep_movements"),
    _worker("events listed, not kept", B, "payments.webhooks.replay:_keep"),
    _worker("movements kept", A, "payments.operations.settlement:_keep_movements"),
    EVENT_MISSED,
    _worker("payouts listed, not kept", B, "payments.operations.settlement:_keep_payouts"),
    _worker("events kept, list not read to its end", A, "payments.webhooks.replay:_keep"),
    _worker("payouts kept", A, "payments.operations.settlement:_keep_payouts"),
    _worker("events listed to their end", A, "payments.webhooks.replay:replay_events"),
    _worker("movement booked, not committed", A, "payments.operations.booking:post_settlement"),
    _worker("movement booked and committed", A, "payments.operations.booking:_book", showing="-> True"),
)
EXPIRING = (
    _worker("expiry written, not committed", A, "payments.operations.expiring:_write_void"),
    _worker("expiry committed", A, "checkout.operations.expire:expire", showing="-> True"),
    _worker("before the cancellation of an unpaid order", B, "payments.operations.calls:send", showing="void, expiry"),
    _worker("unpaid order canceled, not stored", A, "payments.operations.calls:send", showing="void, expiry"),
    _worker("cancellation stored, order not ended", B, "payments.states.apply:_apply_now", showing="void, expiry"),
    _worker("order ended, not committed", A, "checkout.receivers:cancel"),
)
LOSING_THE_DATABASE = (
    _worker("database lost inside the lease", A, "payments.operations.lease:_hold", Victim.DATABASE),
    _worker("database lost with the answer in hand", B, "payments.operations.submit:_store_answer", Victim.DATABASE),
    _worker("database lost while applying", B, "payments.states.apply:_mark_applied", Victim.DATABASE),
    _worker("database lost with events claimed", B, "payments.webhooks.inbox:_process", Victim.DATABASE),
    _worker(
        "database lost while booking a movement", A, "payments.operations.booking:post_settlement", Victim.DATABASE
    ),
    _worker("database lost while an order expires", A, "payments.operations.expiring:_write_void", Victim.DATABASE),
    _web("database lost inside the order", B, "checkout.operations.place_order:reserve", Victim.DATABASE),
    _web("database lost after the order", A, "checkout.views.checkout:place_order", Victim.DATABASE),
    _worker("session lost while applying", B, "payments.states.apply:_mark_applied", Victim.SESSION),
    _web("session lost inside the order", B, "checkout.operations.place_order:reserve", Victim.SESSION),
)
LOSING_THE_GATEWAY = (
    _worker("gateway lost before the call", B, "payments.operations.calls:send", Victim.GATEWAY, "sale"),
    GATEWAY_LOST_AT_WORK,
    GATEWAY_LOST_BEFORE_ASKING,
)

# In a shop that captures by hand.
WISHING = (
    _web("capture written, not committed", A, "payments.operations.capturing:_write", showing="capture"),
    _web("capture committed, not answered", A, "payments.admin.wishes:capture"),
    _web("void written, not committed", A, "payments.operations.capturing:_write", showing="void"),
    _web("void committed, not answered", A, "payments.admin.wishes:void", Victim.PROGRAM),
)
CAPTURING = (
    _worker("before a full capture", B, "payments.operations.calls:send", showing="capture, in full"),
    _worker("captured in full, not stored", A, "payments.operations.calls:send", showing="capture, in full"),
    _worker("before a capture in part", B, "payments.operations.calls:send", showing="capture, in part"),
    _worker("captured in part, not stored", A, "payments.operations.calls:send", showing="capture, in part"),
    _worker("before a void by staff", B, "payments.operations.calls:send", showing="void, asked for"),
    _worker("voided by staff, not stored", A, "payments.operations.calls:send", showing="void, asked for"),
    _worker("database lost with a capture in hand", A, "payments.operations.calls:send", Victim.DATABASE, "capture"),
)

IN_AN_AUTOMATIC_SHOP = (
    *(*CARRYING, *DOUBTING, *DRAINING, *PERIODIC, *MAILING, *SERVING),
    *(*LISTING, *EXPIRING, *LOSING_THE_DATABASE, *LOSING_THE_GATEWAY),
)
IN_A_MANUAL_SHOP = (*WISHING, *CAPTURING)
POINTS = (*IN_AN_AUTOMATIC_SHOP, *IN_A_MANUAL_SHOP)
