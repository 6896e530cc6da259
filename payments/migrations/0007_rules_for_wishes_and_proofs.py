"""More of what the database itself enforces: what is asked for is what was wished, and a proof stays.

A refusal here is of a wish, or of a fact that somebody turns into another; no news of the gateway is ever refused.
"""

from django.db import migrations

# The row that an operation carries out says what may be asked for. Looking at it once is enough: the amounts of both
# are frozen, a refund is never requested again, and all that our code writes meanwhile waits for the payment's lock.
WISHES = """
CREATE FUNCTION payments_check_operation_wish() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  fits boolean;
BEGIN
  IF NEW.kind IN ('refund', 'reverse') THEN
    SELECT NEW.amount = amount AND status = 'requested' AND (NEW.kind = 'reverse') = (surplus_gateway_id <> '')
      INTO fits FROM payments_refund WHERE id = NEW.refund_id;
  ELSIF NEW.kind = 'capture' THEN
    SELECT NEW.amount <= amount - captured_amount INTO fits FROM payments_payment WHERE id = NEW.payment_id;
  ELSE
    SELECT NEW.amount = amount INTO fits FROM payments_payment WHERE id = NEW.payment_id;
  END IF;
  IF NOT fits THEN
    RAISE EXCEPTION 'operation % asks for %, which is not what its payment or refund allows', NEW.id, NEW.amount
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_operation_asks_as_wished';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER payments_operation_asks_as_wished AFTER INSERT ON payments_operation
  FOR EACH ROW EXECUTE FUNCTION payments_check_operation_wish();

-- The limit of all refunds stands on the payment's totals, and a refund that they do not count would pass it. Two at
-- once wait for each other at the payment's row, as in our code. A refund that the gateway tells of is not looked at.
CREATE FUNCTION payments_check_refund_is_reserved() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  counted bigint;
BEGIN
  SELECT refund_reserved_amount + refunded_amount INTO counted FROM payments_payment
    WHERE id = NEW.payment_id FOR NO KEY UPDATE;
  IF counted < (SELECT sum(amount) FROM payments_refund WHERE payment_id = NEW.payment_id
                AND surplus_gateway_id = '' AND status IN ('requested', 'pending', 'succeeded')) THEN
    RAISE EXCEPTION 'refund % is not reserved: its payment counts only % as asked for or given back', NEW.id, counted
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_refund_is_reserved';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_refund_is_reserved AFTER INSERT ON payments_refund
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.status = 'requested' AND NEW.surplus_gateway_id = '')
  EXECUTE FUNCTION payments_check_refund_is_reserved();

CREATE FUNCTION payments_check_reversals() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  taken bigint;
BEGIN
  SELECT surplus_amount INTO taken FROM payments_payment WHERE id = NEW.payment_id FOR NO KEY UPDATE;
  IF taken < (SELECT sum(amount) FROM payments_operation WHERE payment_id = NEW.payment_id AND kind = 'reverse') THEN
    RAISE EXCEPTION 'operation % reverses more than the % that was taken too much', NEW.id, taken
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_operation_reversals_within_surplus';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER payments_operation_reversals_within_surplus AFTER INSERT ON payments_operation
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'reverse')
  EXECUTE FUNCTION payments_check_reversals();
"""

PROOFS = """
ALTER TABLE payments_ledgertransaction ADD CONSTRAINT payments_ledger_proof_is_payments
  FOREIGN KEY (observation_id, payment_id) REFERENCES payments_observation (id, payment_id);

-- Not of disputes: each look at one is the proof of all that its row says, and not of its status alone.
CREATE TRIGGER payments_payment_proof_stays BEFORE UPDATE ON payments_payment FOR EACH ROW
  WHEN (OLD.status = NEW.status AND OLD.proof_id IS DISTINCT FROM NEW.proof_id)
  EXECUTE FUNCTION payments_refuse('payments_payment_proof_stays', 'a proof changes only with what it proves');
CREATE TRIGGER payments_attempt_proof_stays BEFORE UPDATE ON payments_paymentattempt FOR EACH ROW
  WHEN (OLD.status = NEW.status AND OLD.proof_id IS DISTINCT FROM NEW.proof_id)
  EXECUTE FUNCTION payments_refuse('payments_attempt_proof_stays', 'a proof changes only with what it proves');
CREATE TRIGGER payments_operation_proof_stays BEFORE UPDATE ON payments_operation FOR EACH ROW
  WHEN (OLD.status = NEW.status AND OLD.proof_id IS DISTINCT FROM NEW.proof_id)
  EXECUTE FUNCTION payments_refuse('payments_operation_proof_stays', 'a proof changes only with what it proves');
CREATE TRIGGER payments_refund_proof_stays BEFORE UPDATE ON payments_refund FOR EACH ROW
  WHEN (OLD.status = NEW.status AND OLD.proof_id IS DISTINCT FROM NEW.proof_id)
  EXECUTE FUNCTION payments_refuse('payments_refund_proof_stays', 'a proof changes only with what it proves');
"""

# A new row comes from nowhere, which is no status to stay in.
NEW_ROWS = """
CREATE OR REPLACE FUNCTION payments_guard_transition() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  before text := CASE TG_OP WHEN 'INSERT' THEN '' ELSE OLD.status END;
BEGIN
  IF (TG_OP = 'INSERT' OR NEW.status IS DISTINCT FROM before)
     AND NOT payments_transition_allowed(TG_ARGV[0], before, NEW.status, coalesce(NEW.transition_cause, '')) THEN
    RAISE EXCEPTION '% %: % -> % is no transition for the cause %',
      TG_ARGV[0], NEW.id, before, NEW.status, coalesce(NEW.transition_cause, 'none')
      USING ERRCODE = 'check_violation', CONSTRAINT = 'payments_' || TG_ARGV[0] || '_transition';
  END IF;
  NEW.transition_cause := NULL;
  RETURN NEW;
END $$;
"""

PAYOUT_FROZEN = """
CREATE TRIGGER payments_payout_frozen BEFORE UPDATE ON payments_payout FOR EACH ROW
  WHEN ((OLD.account_id, OLD.gateway_id, OLD.amount, OLD.currency, OLD.created_at)
        IS DISTINCT FROM (NEW.account_id, NEW.gateway_id, NEW.amount, NEW.currency, NEW.created_at))
  EXECUTE FUNCTION payments_refuse('payments_payout_frozen', 'what was paid out never changes');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0006_failed_refunds"),
    ]

    operations = [
        migrations.RunSQL(WISHES, elidable=False),
        migrations.RunSQL(PROOFS, elidable=False),
        migrations.RunSQL(NEW_ROWS, elidable=False),
        migrations.RunSQL(PAYOUT_FROZEN, elidable=False),
    ]
