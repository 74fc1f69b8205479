from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0007_queue")]

    operations = [
        migrations.AddField("ticket", "snoozed_until", models.DateTimeField(null=True)),
        migrations.AddField("ticket", "woken_at", models.DateTimeField(null=True)),
        migrations.AddField("ticket", "woken_why", models.CharField(max_length=10, null=True)),
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["snoozed_until", "id"],
                name="tickets_snoozed",
                condition=models.Q(snoozed_until__isnull=False),
            ),
        ),
    ]
