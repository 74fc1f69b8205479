import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [
        ("operations", "0001_initial"),
        ("people", "0004_tour"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="merged_into",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="identity",
            name="portal_person",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
        migrations.AddField(
            model_name="identity",
            name="twin_key",
            field=models.CharField(max_length=100, null=True),
        ),
        AddIndexOnline(
            "person",
            models.Index(
                fields=["merged_into"],
                name="people_merged",
                condition=models.Q(merged_into__isnull=False),
            ),
        ),
        AddIndexOnline("identity", models.Index(fields=["twin_key"], name="people_twins")),
        AddIndexOnline(
            "identity",
            models.Index(
                fields=["portal_person"],
                name="people_proving_for",
                condition=models.Q(portal_person__isnull=False),
            ),
        ),
        migrations.CreateModel(
            name="PersonMerge",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("merging", "Being merged"),
                            ("merged", "Merged"),
                            ("parting", "Being taken apart"),
                            ("parted", "Taken apart again"),
                        ],
                        default="merging",
                        max_length=8,
                    ),
                ),
                ("place", models.JSONField(default=dict)),
                ("moved", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("left", models.PositiveIntegerField(default=0)),
                ("began_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("ended_at", models.DateTimeField(null=True)),
                (
                    "gone",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "kept",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "operation",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="operations.operation",
                    ),
                ),
            ],
            options={
                "verbose_name": "merge of two people",
                "indexes": [
                    models.Index(fields=["kept", "-id"], name="people_merges_into"),
                    models.Index(fields=["gone", "-id"], name="people_merges_of"),
                ],
            },
        ),
    ]
