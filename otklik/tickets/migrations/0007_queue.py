from django.db import migrations, models
from django.db.models.functions import Coalesce

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0006_more_orders")]

    operations = [
        AddIndexOnline(
            "ticket",
            models.Index(
                models.F("priority").desc(),
                Coalesce("waiting_since", "last_message_at"),
                models.F("id"),
                name="tickets_queue",
                condition=models.Q(is_unfinished=True, assignee__isnull=True),
            ),
        ),
    ]
