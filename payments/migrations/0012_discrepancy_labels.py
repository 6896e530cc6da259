from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0011_failed_captures"),
    ]

    operations = [
        migrations.AlterField(
            model_name="discrepancy",
            name="kind",
            field=models.CharField(
                choices=[
                    ("mismatch", "the gateway's object is not what we asked for"),
                    ("not_applied", "an observation could not be applied"),
                    ("stuck", "something comes to no end"),
                    ("contradiction", "two proofs disagree"),
                    ("disputed", "a dispute waits for our answer"),
                    ("capture", "a capture failed"),
                    ("refund", "a refund failed"),
                    ("excess", "more went back than was captured"),
                    ("surplus", "a shopper was charged twice"),
                    ("settlement", "the ledger is not what the gateway settled"),
                    ("unmatched", "an event about an object that is not ours"),
                    ("order", "money is here for an order that cannot be fulfilled"),
                    ("parked", "an event could not be processed"),
                ],
                max_length=16,
            ),
        ),
    ]
