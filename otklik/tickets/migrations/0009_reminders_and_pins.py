import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("people", "0003_address_troubles"), ("tickets", "0008_snooze")]

    operations = [
        migrations.CreateModel(
            name="Reminder",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("due_at", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("told_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("dropped_at", models.DateTimeField(null=True)),
                (
                    "person",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="tickets.ticket",
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder",
                "indexes": [
                    models.Index(
                        condition=models.Q(told_at__isnull=True, dropped_at__isnull=True),
                        fields=["due_at", "id"],
                        name="tickets_reminders_due",
                    ),
                    models.Index(
                        condition=models.Q(seen_at__isnull=True, dropped_at__isnull=True),
                        fields=["person", "due_at", "id"],
                        name="tickets_reminders_of",
                    ),
                ],
            },
        ),
        migrations.AddField("message", "pinned_at", models.DateTimeField(null=True)),
        AddIndexOnline(
            "message",
            models.Index(
                fields=["ticket", "id"],
                name="tickets_pinned",
                condition=models.Q(pinned_at__isnull=False),
            ),
        ),
    ]
