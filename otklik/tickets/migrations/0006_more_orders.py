from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0005_orders_and_channel")]

    operations = [
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["category", "-last_message_at", "-id"],
                name="tickets_in_category",
                condition=models.Q(category__isnull=False),
            ),
        ),
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["team", "-priority", "-id"],
                name="tickets_team_urgent",
                condition=models.Q(is_unfinished=True, team__isnull=False),
            ),
        ),
    ]
