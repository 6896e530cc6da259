import django.db.models.expressions
from django.db import migrations, models

# Now that a dispute may be of a surplus, that is a part of what it is about.
DISPUTE_FROZEN = """
CREATE OR REPLACE TRIGGER payments_dispute_frozen BEFORE UPDATE ON payments_dispute FOR EACH ROW
  WHEN ((OLD.payment_id, OLD.account_id, OLD.gateway_id, OLD.surplus_gateway_id, OLD.currency)
        IS DISTINCT FROM (NEW.payment_id, NEW.account_id, NEW.gateway_id, NEW.surplus_gateway_id, NEW.currency))
  EXECUTE FUNCTION payments_refuse('payments_dispute_frozen', 'a dispute stays that of its payment');
"""


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0003_discrepancy_amount"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="payment",
            name="payments_payment_totals_not_negative",
        ),
        migrations.RemoveConstraint(
            model_name="payment",
            name="payments_payment_reversals_within_surplus",
        ),
        migrations.AddField(
            model_name="dispute",
            name="surplus_gateway_id",
            field=models.CharField(blank=True, default="", max_length=255),
        ),
        migrations.AddField(
            model_name="payment",
            name="surplus_disputed_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddField(
            model_name="payment",
            name="surplus_excess_amount",
            field=models.BigIntegerField(default=0),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("captured_amount__gte", 0),
                    ("disputed_amount__gte", 0),
                    ("excess_amount__gte", 0),
                    ("refund_reserved_amount__gte", 0),
                    ("refunded_amount__gte", 0),
                    ("surplus_amount__gte", 0),
                    ("surplus_disputed_amount__gte", 0),
                    ("surplus_excess_amount__gte", 0),
                    ("surplus_reversed_amount__gte", 0),
                ),
                name="payments_payment_totals_not_negative",
            ),
        ),
        migrations.AddConstraint(
            model_name="payment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "surplus_amount__gte",
                        django.db.models.expressions.CombinedExpression(
                            django.db.models.expressions.CombinedExpression(
                                models.F("surplus_reversed_amount"), "+", models.F("surplus_disputed_amount")
                            ),
                            "-",
                            models.F("surplus_excess_amount"),
                        ),
                    )
                ),
                name="payments_payment_reversals_within_surplus",
            ),
        ),
        migrations.RunSQL(DISPUTE_FROZEN, elidable=False),
    ]
