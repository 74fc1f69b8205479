import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0009_reminders_and_pins")]

    operations = [
        migrations.AddField(
            "thread",
            "came_from",
            models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.RESTRICT,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField("ticket", "merged_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "ticket",
            "merged_into",
            models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            "ticketlink", "is_followed", models.BooleanField(default=False, db_default=False)
        ),
        AddIndexOnline(
            "thread",
            models.Index(
                fields=["came_from"],
                name="tickets_came_from",
                condition=models.Q(came_from__isnull=False),
            ),
        ),
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["merged_into"],
                name="tickets_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ),
    ]
