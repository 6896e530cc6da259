"""What the database itself enforces: the transition table, frozen columns, append-only rows, balanced books.

Every refusal names a constraint, as the table's own constraints do.
"""

from django.db import migrations

TRANSITIONS = """
CREATE FUNCTION payments_transition_allowed(kind text, before text, after text, cause text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT (kind, before, after, cause) IN (VALUES
    ('payment', '', 'processing', 'requested'),
    ('payment', 'requires_payment_method', 'processing', 'requested'),
    ('payment', 'processing', 'requires_payment_method', 'not_sent'),
    ('payment', 'requires_payment_method', 'requires_action', 'observed'),
    ('payment', 'requires_payment_method', 'processing', 'observed'),
    ('payment', 'requires_payment_method', 'requires_capture', 'observed'),
    ('payment', 'requires_payment_method', 'partially_captured', 'observed'),
    ('payment', 'requires_payment_method', 'succeeded', 'observed'),
    ('payment', 'requires_payment_method', 'canceled', 'observed'),
    ('payment', 'requires_payment_method', 'failed', 'observed'),
    ('payment', 'requires_action', 'requires_payment_method', 'observed'),
    ('payment', 'requires_action', 'processing', 'observed'),
    ('payment', 'requires_action', 'requires_capture', 'observed'),
    ('payment', 'requires_action', 'partially_captured', 'observed'),
    ('payment', 'requires_action', 'succeeded', 'observed'),
    ('payment', 'requires_action', 'canceled', 'observed'),
    ('payment', 'requires_action', 'failed', 'observed'),
    ('payment', 'processing', 'requires_payment_method', 'observed'),
    ('payment', 'processing', 'requires_action', 'observed'),
    ('payment', 'processing', 'requires_capture', 'observed'),
    ('payment', 'processing', 'partially_captured', 'observed'),
    ('payment', 'processing', 'succeeded', 'observed'),
    ('payment', 'processing', 'canceled', 'observed'),
    ('payment', 'processing', 'failed', 'observed'),
    ('payment', 'requires_capture', 'partially_captured', 'observed'),
    ('payment', 'requires_capture', 'succeeded', 'observed'),
    ('payment', 'requires_capture', 'canceled', 'observed'),
    ('payment', 'requires_capture', 'failed', 'observed'),
    ('payment', 'partially_captured', 'succeeded', 'observed'),
    ('payment', 'canceled', 'partially_captured', 'observed'),
    ('payment', 'canceled', 'succeeded', 'observed'),
    ('payment', 'failed', 'partially_captured', 'observed'),
    ('payment', 'failed', 'succeeded', 'observed'),
    ('attempt', '', 'created', 'requested'),
    ('attempt', 'created', 'submitted', 'leased'),
    ('attempt', 'created', 'canceled', 'not_sent'),
    ('attempt', 'submitted', 'canceled', 'not_sent'),
    ('attempt', 'created', 'declined', 'observed'),
    ('attempt', 'created', 'canceled', 'observed'),
    ('attempt', 'submitted', 'requires_action', 'observed'),
    ('attempt', 'submitted', 'processing', 'observed'),
    ('attempt', 'submitted', 'authorized', 'observed'),
    ('attempt', 'submitted', 'succeeded', 'observed'),
    ('attempt', 'submitted', 'declined', 'observed'),
    ('attempt', 'submitted', 'canceled', 'observed'),
    ('attempt', 'submitted', 'expired', 'observed'),
    ('attempt', 'requires_action', 'processing', 'observed'),
    ('attempt', 'requires_action', 'authorized', 'observed'),
    ('attempt', 'requires_action', 'succeeded', 'observed'),
    ('attempt', 'requires_action', 'declined', 'observed'),
    ('attempt', 'requires_action', 'canceled', 'observed'),
    ('attempt', 'requires_action', 'expired', 'observed'),
    ('attempt', 'processing', 'requires_action', 'observed'),
    ('attempt', 'processing', 'authorized', 'observed'),
    ('attempt', 'processing', 'succeeded', 'observed'),
    ('attempt', 'processing', 'declined', 'observed'),
    ('attempt', 'processing', 'canceled', 'observed'),
    ('attempt', 'processing', 'expired', 'observed'),
    ('attempt', 'authorized', 'succeeded', 'observed'),
    ('attempt', 'authorized', 'canceled', 'observed'),
    ('attempt', 'authorized', 'expired', 'observed'),
    ('attempt', 'declined', 'authorized', 'observed'),
    ('attempt', 'declined', 'succeeded', 'observed'),
    ('attempt', 'canceled', 'succeeded', 'observed'),
    ('attempt', 'expired', 'succeeded', 'observed'),
    ('operation', '', 'created', 'requested'),
    ('operation', 'created', 'in_flight', 'leased'),
    ('operation', 'in_flight', 'unknown', 'answer_lost'),
    ('operation', 'in_flight', 'created', 'not_sent'),
    ('operation', 'created', 'failed', 'not_sent'),
    ('operation', 'created', 'succeeded', 'observed'),
    ('operation', 'created', 'failed', 'observed'),
    ('operation', 'in_flight', 'succeeded', 'observed'),
    ('operation', 'in_flight', 'failed', 'observed'),
    ('operation', 'unknown', 'succeeded', 'observed'),
    ('operation', 'unknown', 'failed', 'observed'),
    ('operation', 'failed', 'succeeded', 'observed'),
    ('refund', '', 'requested', 'requested'),
    ('refund', 'requested', 'failed', 'not_sent'),
    ('refund', '', 'pending', 'observed'),
    ('refund', '', 'succeeded', 'observed'),
    ('refund', '', 'failed', 'observed'),
    ('refund', '', 'canceled', 'observed'),
    ('refund', 'requested', 'pending', 'observed'),
    ('refund', 'requested', 'succeeded', 'observed'),
    ('refund', 'requested', 'failed', 'observed'),
    ('refund', 'requested', 'canceled', 'observed'),
    ('refund', 'pending', 'succeeded', 'observed'),
    ('refund', 'pending', 'failed', 'observed'),
    ('refund', 'pending', 'canceled', 'observed'),
    ('refund', 'succeeded', 'failed', 'observed'),
    ('refund', 'failed', 'succeeded', 'observed')
  ) OR (
    -- The gateway's word: any status after any other.
    kind = 'dispute' AND cause = 'observed' AND before <> after
    AND after = ANY (gateways.words) AND before = ANY (gateways.words || '{""}'::text[])
  )
  FROM (SELECT '{warning_needs_response,warning_under_review,warning_closed,needs_response,under_review,won,lost,
                 prevented}'::text[] AS words) gateways
$$;

-- A status changes only together with a cause that the table knows. The trigger consumes the cause: at rest the column
-- is always null, so a statement that names none is refused.
CREATE FUNCTION payments_guard_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.status END;
BEGIN
  IF NEW.status IS DISTINCT FROM before
     AND NOT payments_transition_allowed(TG_ARGV[0], before, NEW.status, coalesce(NEW.transition_cause, '')) THEN
    RAISE EXCEPTION '% %: % -> % is no transition for the cause %',
      TG_ARGV[0], NEW.id, before, NEW.status, coalesce(NEW.transition_cause, 'none')
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_' || TG_ARGV[0] || '_transition';
  END IF;
  NEW.transition_cause := NULL;
  RETURN NEW;
END $$;

CREATE TRIGGER payments_payment_transition BEFORE INSERT OR UPDATE ON payments_payment
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('payment');
CREATE TRIGGER payments_attempt_transition BEFORE INSERT OR UPDATE ON payments_paymentattempt
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('attempt');
CREATE TRIGGER payments_operation_transition BEFORE INSERT OR UPDATE ON payments_operation
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('operation');
CREATE TRIGGER payments_refund_transition BEFORE INSERT OR UPDATE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('refund');
CREATE TRIGGER payments_dispute_transition BEFORE INSERT OR UPDATE ON payments_dispute
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('dispute');
"""

FROZEN = """
CREATE FUNCTION payments_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[1]
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;

CREATE TRIGGER payments_payment_frozen BEFORE UPDATE ON payments_payment FOR EACH ROW
  WHEN ((OLD.public_id, OLD.account_id, OLD.amount, OLD.currency, OLD.capture_method, OLD.description)
        IS DISTINCT FROM
        (NEW.public_id, NEW.account_id, NEW.amount, NEW.currency, NEW.capture_method, NEW.description)
        OR (OLD.gateway_id <> '' AND OLD.gateway_id <> NEW.gateway_id))
  EXECUTE FUNCTION payments_refuse('payments_payment_frozen', 'what was asked for never changes');
CREATE TRIGGER payments_attempt_frozen BEFORE UPDATE ON payments_paymentattempt FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.request_id, OLD.token, OLD.return_url)
        IS DISTINCT FROM (NEW.payment_id, NEW.request_id, NEW.token, NEW.return_url))
  EXECUTE FUNCTION payments_refuse('payments_attempt_frozen', 'a new wish is a new attempt');
CREATE TRIGGER payments_operation_frozen BEFORE UPDATE ON payments_operation FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.attempt_id, OLD.refund_id, OLD.fences_id, OLD.kind, OLD.idempotency_key, OLD.amount,
         OLD.currency, OLD.send_before)
        IS DISTINCT FROM
        (NEW.payment_id, NEW.attempt_id, NEW.refund_id, NEW.fences_id, NEW.kind, NEW.idempotency_key, NEW.amount,
         NEW.currency, NEW.send_before))
  EXECUTE FUNCTION payments_refuse('payments_operation_frozen', 'the same operation always sends the same');
CREATE TRIGGER payments_refund_frozen BEFORE UPDATE ON payments_refund FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.account_id, OLD.request_id, OLD.amount, OLD.currency, OLD.source, OLD.surplus_gateway_id)
        IS DISTINCT FROM
        (NEW.payment_id, NEW.account_id, NEW.request_id, NEW.amount, NEW.currency, NEW.source, NEW.surplus_gateway_id)
        OR (OLD.gateway_id <> '' AND OLD.gateway_id <> NEW.gateway_id))
  EXECUTE FUNCTION payments_refuse('payments_refund_frozen', 'a new wish is a new refund');
CREATE TRIGGER payments_dispute_frozen BEFORE UPDATE ON payments_dispute FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.account_id, OLD.gateway_id, OLD.currency)
        IS DISTINCT FROM (NEW.payment_id, NEW.account_id, NEW.gateway_id, NEW.currency))
  EXECUTE FUNCTION payments_refuse('payments_dispute_frozen', 'a dispute stays that of its payment');
CREATE TRIGGER payments_observation_frozen BEFORE UPDATE ON payments_observation FOR EACH ROW
  WHEN ((to_jsonb(OLD) - '{applied_at,apply_tries,next_try_at,apply_error}'::text[])
        IS DISTINCT FROM (to_jsonb(NEW) - '{applied_at,apply_tries,next_try_at,apply_error}'::text[]))
  EXECUTE FUNCTION payments_refuse('payments_observation_frozen', 'a fact never changes');

CREATE TRIGGER payments_payment_kept BEFORE DELETE ON payments_payment
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_payment_kept', 'payments are kept');
CREATE TRIGGER payments_attempt_kept BEFORE DELETE ON payments_paymentattempt
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_attempt_kept', 'attempts are kept');
CREATE TRIGGER payments_operation_kept BEFORE DELETE ON payments_operation
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_operation_kept', 'operations are kept with their keys');
CREATE TRIGGER payments_refund_kept BEFORE DELETE ON payments_refund
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_refund_kept', 'refunds are kept');
CREATE TRIGGER payments_dispute_kept BEFORE DELETE ON payments_dispute
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_dispute_kept', 'disputes are kept');
CREATE TRIGGER payments_observation_kept BEFORE DELETE ON payments_observation
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_observation_kept', 'facts are kept');

CREATE TRIGGER payments_balancetransaction_frozen BEFORE UPDATE ON payments_balancetransaction FOR EACH ROW
  WHEN ((to_jsonb(OLD) - '{payment_id,booked_at}'::text[]) IS DISTINCT FROM
        (to_jsonb(NEW) - '{payment_id,booked_at}'::text[]) OR OLD.booked_at IS NOT NULL)
  EXECUTE FUNCTION payments_refuse('payments_balancetransaction_frozen', 'what the gateway settled never changes');
CREATE TRIGGER payments_balancetransaction_kept BEFORE DELETE ON payments_balancetransaction
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_balancetransaction_kept', 'movements are kept');
CREATE TRIGGER payments_payout_kept BEFORE DELETE ON payments_payout
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_payout_kept', 'payouts are kept');

CREATE TRIGGER payments_ledgertransaction_append_only BEFORE UPDATE OR DELETE ON payments_ledgertransaction
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_ledgertransaction_append_only', 'the ledger only grows');
CREATE TRIGGER payments_ledgerentry_append_only BEFORE UPDATE OR DELETE ON payments_ledgerentry
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_ledgerentry_append_only', 'the ledger only grows');
CREATE TRIGGER payments_auditentry_append_only BEFORE UPDATE OR DELETE ON payments_auditentry
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_auditentry_append_only', 'the audit trail only grows');
CREATE TRIGGER payments_auditseal_append_only BEFORE UPDATE OR DELETE ON payments_auditseal
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_auditseal_append_only', 'the audit trail only grows');
"""

BELONGS_TOGETHER = """
ALTER TABLE payments_payment ADD CONSTRAINT payments_payment_id_currency UNIQUE (id, currency);
ALTER TABLE payments_paymentattempt ADD CONSTRAINT payments_attempt_id_payment UNIQUE (id, payment_id);
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_id_payment UNIQUE (id, payment_id);
ALTER TABLE payments_observation ADD CONSTRAINT payments_observation_id_payment UNIQUE (id, payment_id);

ALTER TABLE payments_operation ADD CONSTRAINT payments_operation_currency_is_payments
  FOREIGN KEY (payment_id, currency) REFERENCES payments_payment (id, currency);
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_currency_is_payments
  FOREIGN KEY (payment_id, currency) REFERENCES payments_payment (id, currency);
ALTER TABLE payments_operation ADD CONSTRAINT payments_operation_attempt_is_payments
  FOREIGN KEY (attempt_id, payment_id) REFERENCES payments_paymentattempt (id, payment_id);
ALTER TABLE payments_operation ADD CONSTRAINT payments_operation_refund_is_payments
  FOREIGN KEY (refund_id, payment_id) REFERENCES payments_refund (id, payment_id);

ALTER TABLE payments_payment ADD CONSTRAINT payments_payment_proof_is_its_own
  FOREIGN KEY (proof_id, id) REFERENCES payments_observation (id, payment_id);
ALTER TABLE payments_paymentattempt ADD CONSTRAINT payments_attempt_proof_is_payments
  FOREIGN KEY (proof_id, payment_id) REFERENCES payments_observation (id, payment_id);
ALTER TABLE payments_operation ADD CONSTRAINT payments_operation_proof_is_payments
  FOREIGN KEY (proof_id, payment_id) REFERENCES payments_observation (id, payment_id);
ALTER TABLE payments_refund ADD CONSTRAINT payments_refund_proof_is_payments
  FOREIGN KEY (proof_id, payment_id) REFERENCES payments_observation (id, payment_id);

ALTER TABLE payments_dispute ADD CONSTRAINT payments_dispute_currency_is_payments
  FOREIGN KEY (payment_id, currency) REFERENCES payments_payment (id, currency);
ALTER TABLE payments_dispute ADD CONSTRAINT payments_dispute_proof_is_payments
  FOREIGN KEY (proof_id, payment_id) REFERENCES payments_observation (id, payment_id);
"""

BALANCED = """
CREATE FUNCTION payments_check_ledger_balance() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM payments_ledgerentry WHERE transaction_id = NEW.transaction_id
             GROUP BY currency HAVING sum(amount) <> 0) THEN
    RAISE EXCEPTION 'ledger transaction % does not sum to zero', NEW.transaction_id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_ledger_balanced';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledger_balanced AFTER INSERT ON payments_ledgerentry
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_ledger_balance();

CREATE FUNCTION payments_check_ledger_has_entries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM payments_ledgerentry WHERE transaction_id = NEW.id) THEN
    RAISE EXCEPTION 'ledger transaction % has no entries', NEW.id
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_ledger_not_empty';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_ledger_not_empty AFTER INSERT ON payments_ledgertransaction
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION payments_check_ledger_has_entries();
"""

SEALING = """
CREATE FUNCTION payments_await_seal() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO payments_pendingseal (entry_id, written_at) SELECT id, now() FROM added;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_auditentry_awaits_seal AFTER INSERT ON payments_auditentry
  REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION payments_await_seal();
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        migrations.RunSQL(TRANSITIONS, elidable=False),
        migrations.RunSQL(FROZEN, elidable=False),
        migrations.RunSQL(BELONGS_TOGETHER, elidable=False),
        migrations.RunSQL(BALANCED, elidable=False),
        migrations.RunSQL(SEALING, elidable=False),
    ]
