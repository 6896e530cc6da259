"""The sabotages, each the loss of one thing that the promise rests on."""

from __future__ import annotations

from tests.faults.sabotage.sabotage import Edit, Sabotage, in_the_database

SABOTAGES = (
    Sabotage(
        "key-drawn-anew",
        "a write that is repeated carries a new idempotency key",
        [
            Edit(
                "payments/operations/calls.py",
                "    key = str(operation.idempotency_key)\n",
                "    import uuid\n"
                '    key = str(operation.idempotency_key if operation.status == "in_flight" else uuid.uuid4())\n',
            )
        ],
    ),
    Sabotage(
        "no-transition-table",
        "any status may follow any other, in the code and in the database",
        [
            Edit(
                "payments/states/table.py",
                "    return after in TABLE[kind].get(cause, {}).get(before, ())\n",
                "    return True\n",
            ),
            in_the_database(
                "CREATE OR REPLACE FUNCTION public.payments_transition_allowed(kind text, before text, after text,"
                " cause text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT true $$"
            ),
            Edit(
                "payments/states/transition.py",
                '"transition_cause": cause.value, **changes}, status=before):',
                '"transition_cause": cause.value, **changes}):',
            ),
        ],
    ),
    Sabotage(
        "no-payment-lock",
        "a payment is read without its lock",
        [
            Edit(
                "payments/models/payment.py",
                " FOR UPDATE OF payment",
                "",
            )
        ],
    ),
    Sabotage(
        "event-processed-too-early",
        "an event is marked as processed before its object was looked at",
        [
            Edit(
                "payments/webhooks/inbox.py",
                "    try:\n        answer = look_at(",
                "    _rows(events).update(status=Status.PROCESSED, next_try_at=None)\n"
                "    try:\n"
                "        answer = look_at(",
            )
        ],
    ),
    Sabotage(
        "no-refund-limit",
        "more may be refunded than is left, in the code and in the database",
        [
            Edit("payments/operations/refunding.py", "    if money > payment.left:\n", "    if False:\n"),
            in_the_database("ALTER TABLE payments_payment DROP CONSTRAINT payments_payment_refunds_within_captured"),
        ],
    ),
    Sabotage(
        "older-answer-wins",
        "a slow old answer is applied over a newer one",
        [
            Edit(
                "payments/models/payment.py",
                "        return self.state_answered_at is not None and asked_at < self.state_answered_at\n",
                "        return False\n",
            )
        ],
    ),
    Sabotage(
        "lease-ignored",
        "an operation that a worker holds is taken up by another",
        [
            Edit(
                "payments/operations/lease.py",
                "    if operation.is_settled or operation.is_leased_at(now):\n",
                "    if operation.is_settled:\n",
            )
        ],
    ),
    Sabotage(
        "fence-skipped",
        "an unknown charge that may not be repeated is closed as not sent, by its age alone",
        [
            Edit(
                "payments/operations/lease.py",
                "        return Step.FENCE\n",
                "        return Step.NOT_SENT\n",
            ),
            Edit(
                "payments/states/settling.py",
                "    cause = Cause.NOT_SENT if fact.is_not_sent else Cause.OBSERVED\n",
                "    cause = Cause.OBSERVED\n",
            ),
        ],
    ),
    Sabotage(
        "job-after-the-commit",
        "a job is enqueued after the transaction that it belongs to",
        [
            Edit(
                "payments/queue.py",
                "    with connection.cursor() as cursor:\n        cursor.execute(_SUBMIT, [list(operation_ids)])\n",
                "    def enqueue() -> None:\n"
                "        with connection.cursor() as cursor:\n"
                "            cursor.execute(_SUBMIT, [list(operation_ids)])\n\n"
                "    transaction.on_commit(enqueue)\n",
            )
        ],
    ),
    Sabotage(
        "send-before-ignored",
        "a charge is sent however long ago the shopper left",
        [
            Edit(
                "payments/operations/lease.py",
                "    if now > operation.send_before or operation.repeat_is_vain or _is_needless(operation):\n",
                "    if operation.repeat_is_vain or _is_needless(operation):\n",
            ),
            Edit(
                "payments/operations/lease.py",
                "        return Step.NOT_SENT if now > operation.send_before or ",
                "        return Step.NOT_SENT if ",
            ),
        ],
    ),
    Sabotage(
        "answer-not-stored-first",
        "an answer is stored in the transaction that applies it",
        [
            Edit(
                "payments/operations/submit.py",
                "    observation = _store_answer(claim, answer)\n"
                "    record(account, answer)\n"
                "    return apply_and_go_on(observation.pk, partial(_next_to_send, operation))\n",
                "    from payments.states.apply import apply\n"
                "    try:\n"
                "        with transaction.atomic():\n"
                "            apply(_store_answer(claim, answer).pk)\n"
                "    except Exception:\n"
                "        return None\n"
                "    return _after_proof(operation)\n",
            )
        ],
    ),
    Sabotage(
        "earlier-decline-taken-for-the-next",
        "the decline that an object still shows of an earlier attempt ends the attempt whose outcome is unknown",
        [
            Edit(
                "payments/states/proof.py",
                "    return bool(seen.charge_id) and seen.charge_id != known_before\n",
                "    return bool(seen.charge_id)\n",
            )
        ],
    ),
    Sabotage(
        "capture-booked-twice",
        "each look at captured money books it in the ledger",
        [
            Edit(
                "payments/states/payment_facts.py",
                "    taken = captured - fact.payment.captured\n",
                "    taken = captured\n",
            )
        ],
    ),
    Sabotage(
        "repeated-after-the-window",
        "a write is repeated however long ago the gateway may have forgotten its key",
        [
            Edit(
                "payments/operations/lease.py",
                "    return now <= min(operation.first_sent_at + window, operation.send_before)\n",
                "    return operation.first_sent_at + window is not None\n",
            )
        ],
    ),
    Sabotage(
        "lost-answer-taken-for-not-sent",
        "a call that timed out is taken for one that never left",
        [
            Edit(
                "payments/operations/submit.py",
                "                sent=True,\n                vain=answer.replayed,\n",
                "                sent=False,\n                vain=answer.replayed,\n",
            )
        ],
    ),
    Sabotage(
        "mail-sent-again",
        "a mail job sends what was sent already",
        [
            Edit(
                "checkout/operations/emails.py",
                '(skip_locked=True, of=("self",)).filter(sent_at=None)',
                '(skip_locked=True, of=("self",)).all()',
            )
        ],
    ),
    Sabotage(
        "stock-kept",
        "an order that is given up keeps its stock",
        [Edit("checkout/operations/confirm.py", "        release(_references(order))\n", "        pass\n")],
    ),
    Sabotage(
        "cancelled-with-its-money",
        "an order is cancelled although its money could be refunded",
        [
            Edit(
                "checkout/operations/attend.py",
                "    if payment.left.amount > order.left_amount and not is_refused_for_good(payment):\n",
                "    if False:\n",
            )
        ],
    ),
    Sabotage(
        "lost-dispute-forgotten",
        "what a lost dispute left is offered for refund",
        [Edit("payments/operations/refunding.py", "    if is_refused_for_good(payment):\n", "    if False:\n")],
    ),
    Sabotage(
        "refund-request-not-recognized",
        "the same refund request twice is two refunds",
        [
            Edit(
                "payments/operations/refunding.py",
                "            request_id=request_id,\n",
                "            request_id=uuid.uuid4(),\n",
            )
        ],
    ),
    Sabotage(
        "cart-version-unchecked",
        "a cart that changes while it is ordered is emptied all the same: what was added is lost",
        [
            Edit(
                "checkout/operations/place_order.py",
                "Cart.objects.filter(pk=cart.pk, version=cart.version, checkout_id=wish.checkout_id)",
                "Cart.objects.filter(pk=cart.pk)",
            )
        ],
    ),
    Sabotage(
        "audit-entry-left-out",
        "what a worker puts down is not written in the audit trail",
        [
            Edit(
                "payments/operations/lease.py",
                "            Operation.objects.filter(pk=operation.pk).update(**columns)\n        journal.write()\n",
                "            Operation.objects.filter(pk=operation.pk).update(**columns)\n",
            )
        ],
    ),
)
