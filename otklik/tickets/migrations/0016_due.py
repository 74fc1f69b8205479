from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0015_checklists")]

    operations = [
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["next_due_at", "id"],
                name="tickets_due",
                condition=models.Q(next_due_at__isnull=False),
            ),
        ),
    ]
