from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0004_message_reading")]

    operations = [
        AddIndexOnline(
            "ticket", models.Index(fields=["-created_at", "-id"], name="tickets_created")
        ),
        AddIndexOnline(
            "ticket", models.Index(fields=["-priority", "-id"], name="tickets_priority")
        ),
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["last_channel", "-last_message_at", "-id"], name="tickets_channel"
            ),
        ),
    ]
