from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("checkout", "0003_surplus_email")]

    operations = [
        migrations.AlterField(
            model_name="orderemail",
            name="kind",
            field=models.CharField(
                choices=[
                    ("receipt", "Receipt"),
                    ("finish", "a link to finish the payment"),
                    ("refund", "Refund"),
                    ("surplus", "a second charge was given back"),
                    ("ended", "nothing was charged and nothing comes"),
                ],
                max_length=10,
            ),
        ),
    ]
