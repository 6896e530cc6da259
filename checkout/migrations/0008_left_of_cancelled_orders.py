from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0007_known_order_statuses"),
    ]

    operations = [
        migrations.AddField("order", "left_amount", models.BigIntegerField(default=0, editable=False)),
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(left_amount__gte=0, left_amount__lte=F("total_amount")),
                name="checkout_order_left_within_total",
            ),
        ),
    ]
