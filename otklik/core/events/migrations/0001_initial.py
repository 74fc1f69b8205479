import django.utils.timezone
from django.db import migrations, models

import otklik.core.access.actor


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="EventRow",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=80)),
                ("version", models.PositiveSmallIntegerField(default=1)),
                ("occurred_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("recorded_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("actor_kind", models.CharField(max_length=12)),
                ("actor_id", models.BigIntegerField(null=True)),
                ("on_behalf_of", models.BigIntegerField(null=True)),
                ("ticket_id", models.BigIntegerField(null=True)),
                ("person_id", models.BigIntegerField(null=True)),
                ("brand_id", models.BigIntegerField(null=True)),
                ("cause_id", models.BigIntegerField(null=True)),
                ("depth", models.PositiveSmallIntegerField(default=0)),
                ("operation_id", models.BigIntegerField(null=True)),
                (
                    "origin",
                    models.CharField(default=otklik.core.access.actor.Origin["LIVE"], max_length=8),
                ),
                ("audience", models.CharField(default="staff", max_length=12)),
                ("data", models.JSONField(default=dict)),
                ("dispatched_at", models.DateTimeField(null=True)),
                ("leased_until", models.DateTimeField(null=True)),
                ("lease", models.CharField(blank=True, default="", max_length=36)),
            ],
            options={
                "verbose_name": "event",
                "indexes": [
                    models.Index(fields=["ticket_id", "id"], name="events_by_ticket"),
                    models.Index(
                        condition=models.Q(("person_id__isnull", False)),
                        fields=["person_id", "id"],
                        name="events_by_person",
                    ),
                    models.Index(
                        condition=models.Q(("dispatched_at__isnull", True)),
                        fields=["id"],
                        name="events_undispatched",
                    ),
                    models.Index(
                        condition=models.Q(
                            ("dispatched_at__isnull", True), ("leased_until__isnull", False)
                        ),
                        fields=["leased_until"],
                        name="events_leased",
                    ),
                    models.Index(
                        condition=models.Q(("operation_id__isnull", False)),
                        fields=["operation_id"],
                        name="events_by_operation",
                    ),
                    models.Index(fields=["name", "id"], name="events_by_name"),
                ],
            },
        ),
    ]
