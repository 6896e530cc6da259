"""What the database enforces of disputes, settlement and surplus, as 0002 does of the rest."""

from django.db import migrations

DISPUTES = """
ALTER FUNCTION payments_transition_allowed(text, text, text, text) RENAME TO payments_listed_transition;
CREATE FUNCTION payments_transition_allowed(kind text, before text, after text, cause text)
RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT payments_listed_transition(kind, before, after, cause) OR (
    kind = 'dispute' AND cause = 'observed' AND before <> after
    AND after = ANY (gateways.words) AND before = ANY (gateways.words || '{""}'::text[])
  )
  FROM (SELECT '{warning_needs_response,warning_under_review,warning_closed,needs_response,under_review,won,lost,
                 prevented}'::text[] AS words) gateways
$$;
CREATE TRIGGER payments_dispute_transition BEFORE INSERT OR UPDATE ON payments_dispute
  FOR EACH ROW EXECUTE FUNCTION payments_guard_transition('dispute');
CREATE TRIGGER payments_dispute_frozen BEFORE UPDATE ON payments_dispute FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.account_id, OLD.gateway_id, OLD.currency)
        IS DISTINCT FROM (NEW.payment_id, NEW.account_id, NEW.gateway_id, NEW.currency))
  EXECUTE FUNCTION payments_refuse('payments_dispute_frozen', 'a dispute stays that of its payment');
CREATE TRIGGER payments_dispute_kept BEFORE DELETE ON payments_dispute
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_dispute_kept', 'disputes are kept');
ALTER TABLE payments_dispute ADD CONSTRAINT payments_dispute_currency_is_payments
  FOREIGN KEY (payment_id, currency) REFERENCES payments_payment (id, currency);
ALTER TABLE payments_dispute ADD CONSTRAINT payments_dispute_proof_is_payments
  FOREIGN KEY (proof_id, payment_id) REFERENCES payments_observation (id, payment_id);
"""

SETTLEMENT = """
CREATE TRIGGER payments_balancetransaction_frozen BEFORE UPDATE ON payments_balancetransaction FOR EACH ROW
  WHEN ((to_jsonb(OLD) - '{payment_id,booked_at}'::text[]) IS DISTINCT FROM
        (to_jsonb(NEW) - '{payment_id,booked_at}'::text[]) OR OLD.booked_at IS NOT NULL)
  EXECUTE FUNCTION payments_refuse('payments_balancetransaction_frozen', 'what the gateway settled never changes');
CREATE TRIGGER payments_balancetransaction_kept BEFORE DELETE ON payments_balancetransaction
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_balancetransaction_kept', 'movements are kept');
CREATE TRIGGER payments_payout_kept BEFORE DELETE ON payments_payout
  FOR EACH ROW EXECUTE FUNCTION payments_refuse('payments_payout_kept', 'payouts are kept');
"""

SURPLUS = """
DROP TRIGGER payments_refund_frozen ON payments_refund;
CREATE TRIGGER payments_refund_frozen BEFORE UPDATE ON payments_refund FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.account_id, OLD.request_id, OLD.amount, OLD.currency, OLD.source, OLD.surplus_gateway_id)
        IS DISTINCT FROM
        (NEW.payment_id, NEW.account_id, NEW.request_id, NEW.amount, NEW.currency, NEW.source, NEW.surplus_gateway_id)
        OR (OLD.gateway_id <> '' AND OLD.gateway_id <> NEW.gateway_id))
  EXECUTE FUNCTION payments_refuse('payments_refund_frozen', 'a new wish is a new refund');
"""


class Migration(migrations.Migration):
    dependencies = [("payments", "0004_settlement_disputes_and_surplus")]

    operations = [
        migrations.RunSQL(DISPUTES, elidable=False),
        migrations.RunSQL(SETTLEMENT, elidable=False),
        migrations.RunSQL(SURPLUS, elidable=False),
    ]
