from django.db import migrations, models

import catalog.models.variant


class Migration(migrations.Migration):
    dependencies = [("checkout", "0004_drop_cart_changed_at")]

    operations = [
        migrations.AlterField(
            model_name="shippingmethod",
            name="price_currency",
            field=models.CharField(
                default=catalog.models.variant.shop_currency, editable=False, max_length=3, verbose_name="currency"
            ),
        ),
    ]
