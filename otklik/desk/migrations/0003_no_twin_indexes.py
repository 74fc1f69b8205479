import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("desk", "0002_kept_and_forgotten"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="calendarexception",
            name="calendar",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="exceptions",
                to="desk.calendar",
            ),
        ),
    ]
