import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("payments", "0009_charge_failures"),
    ]

    operations = [
        migrations.AddField(
            model_name="webhookevent",
            name="failures",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name="webhookevent",
            name="observation",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="payments.observation",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookevent",
            index=models.Index(
                condition=models.Q(("status", "parked")),
                fields=["account", "subject_id"],
                name="payments_webhookevent_parked",
            ),
        ),
    ]
