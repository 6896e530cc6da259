from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0004_disputed_surplus"),
    ]

    operations = [
        migrations.AddField(
            model_name="gatewayaccount",
            name="movements_listed_until",
            field=models.DateTimeField(null=True),
        ),
        migrations.AddIndex(
            model_name="operation",
            index=models.Index(
                condition=models.Q(("status", "unknown")), fields=["first_sent_at"], name="payments_operation_unknown"
            ),
        ),
    ]
