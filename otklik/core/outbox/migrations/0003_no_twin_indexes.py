import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("outbox", "0002_autovacuum"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="deliveryrecipient",
            name="delivery",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="recipients",
                to="outbox.delivery",
            ),
        ),
    ]
