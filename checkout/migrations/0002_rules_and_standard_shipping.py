"""An order's snapshot never changes, its payment is set once; and a shop begins with one way to send its orders."""

from django.conf import settings
from django.db import migrations

FROZEN = """
CREATE FUNCTION checkout_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% of % is refused: %', TG_OP, TG_TABLE_NAME, TG_ARGV[1]
    USING ERRCODE = 'check_violation', CONSTRAINT = TG_ARGV[0];
END $$;

CREATE TRIGGER checkout_order_frozen BEFORE UPDATE ON checkout_order FOR EACH ROW
  WHEN ((OLD.public_id, OLD.number, OLD.checkout_id, OLD.currency, OLD.subtotal_amount, OLD.shipping_amount,
         OLD.total_amount, OLD.shipping_name, OLD.placed_at)
        IS DISTINCT FROM
        (NEW.public_id, NEW.number, NEW.checkout_id, NEW.currency, NEW.subtotal_amount, NEW.shipping_amount,
         NEW.total_amount, NEW.shipping_name, NEW.placed_at)
        OR (OLD.payment_id IS NOT NULL AND OLD.payment_id IS DISTINCT FROM NEW.payment_id))
  EXECUTE FUNCTION checkout_refuse('checkout_order_frozen', 'an order is a snapshot');
CREATE TRIGGER checkout_order_kept BEFORE DELETE ON checkout_order
  FOR EACH ROW EXECUTE FUNCTION checkout_refuse('checkout_order_kept', 'orders are kept');
CREATE TRIGGER checkout_orderline_frozen BEFORE UPDATE OR DELETE ON checkout_orderline
  FOR EACH ROW EXECUTE FUNCTION checkout_refuse('checkout_orderline_frozen', 'an order is a snapshot');

ALTER TABLE checkout_order ADD CONSTRAINT checkout_order_id_currency UNIQUE (id, currency);
ALTER TABLE checkout_orderline ADD CONSTRAINT checkout_orderline_currency_is_orders
  FOREIGN KEY (order_id, currency) REFERENCES checkout_order (id, currency);
"""


def add_standard_shipping(apps, schema_editor):
    method = apps.get_model("checkout", "ShippingMethod")
    method.objects.create(
        name="Standard", detail="2 to 4 working days", price_amount=490, price_currency=settings.SHOP_CURRENCY
    )


class Migration(migrations.Migration):
    dependencies = [("checkout", "0001_initial")]

    operations = [
        migrations.RunSQL(FROZEN, elidable=False),
        migrations.RunPython(add_standard_shipping, migrations.RunPython.noop),
    ]
