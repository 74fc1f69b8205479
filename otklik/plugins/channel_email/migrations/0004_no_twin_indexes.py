import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("channel_email", "0003_desk_keys"),
        ("desk", "0003_no_twin_indexes"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="mailboxcursor",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="desk.account",
            ),
        ),
        WithoutOwnIndex(
            model_name="roundtripletter",
            name="account",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="desk.account",
            ),
        ),
    ]
