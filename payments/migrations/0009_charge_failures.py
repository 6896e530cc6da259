from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0008_partial_disputes_and_late_refunds"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="observation",
            name="payments_observation_charge",
        ),
        migrations.AlterField(
            model_name="balancetransaction",
            name="kind",
            field=models.CharField(
                choices=[
                    ("charge", "charge"),
                    ("charge_failure", "charge_failure"),
                    ("refund", "refund"),
                    ("refund_failure", "refund_failure"),
                    ("dispute", "dispute"),
                    ("dispute_reversal", "dispute_reversal"),
                    ("payout", "payout"),
                    ("payout_reversal", "payout_reversal"),
                    ("fee", "fee"),
                    ("other", "other"),
                ],
                max_length=24,
            ),
        ),
        migrations.AddIndex(
            model_name="balancetransaction",
            index=models.Index(
                condition=models.Q(("kind", "charge_failure")), fields=["source_id"], name="payments_balancetx_refused"
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                condition=models.Q(("charge_id", ""), _negated=True),
                fields=["charge_id"],
                name="payments_observation_of_charge",
            ),
        ),
    ]
