import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0003_reader_version"),
        ("desk", "0003_no_twin_indexes"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="inboundrecord",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="desk.account",
            ),
        ),
    ]
