from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [
        ("checkout", "0006_emails_are_tried_for_days"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="order",
            constraint=models.CheckConstraint(
                condition=Q(status__in=["placed", "confirmed", "needs_attention", "cancelled", "fulfilled"]),
                name="checkout_order_status_is_known",
            ),
        ),
    ]
