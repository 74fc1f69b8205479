import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import otklik.core.db.models
import otklik.tickets.models.message


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("files", "0002_small_contents_inline"),
        ("people", "0003_address_troubles"),
    ]

    operations = [
        migrations.CreateModel(
            name="CannedReply",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=120)),
                (
                    "sort_name",
                    otklik.core.db.models.SortKeyField(
                        blank=True, default="", editable=False, max_length=200
                    ),
                ),
                (
                    "scope",
                    models.CharField(
                        choices=[
                            ("personal", "Only me"),
                            ("team", "A team"),
                            ("shared", "Everybody"),
                        ],
                        default="personal",
                        max_length=8,
                    ),
                ),
                ("hint", models.CharField(blank=True, default="", max_length=300)),
                ("tags", models.JSONField(default=list)),
                ("tag_keys", models.CharField(blank=True, default="", max_length=1000)),
                ("is_active", models.BooleanField(default=True)),
                ("uses", models.PositiveIntegerField(default=0)),
                ("last_used_at", models.DateTimeField(null=True)),
                ("version", models.PositiveIntegerField(default=1)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("updated_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.person",
                    ),
                ),
                (
                    "team",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="people.team",
                    ),
                ),
            ],
            options={
                "verbose_name": "canned reply",
                "ordering": ["sort_name", "id"],
            },
        ),
        migrations.CreateModel(
            name="CannedFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "token",
                    models.CharField(
                        default=otklik.tickets.models.message.make_token, max_length=32
                    ),
                ),
                ("name", models.CharField(max_length=255)),
                ("content_type", models.CharField(max_length=127)),
                ("size", models.BigIntegerField()),
                ("is_inline", models.BooleanField(default=False)),
                (
                    "blob",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.blob",
                    ),
                ),
                (
                    "canned",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="files",
                        to="workspace.cannedreply",
                    ),
                ),
            ],
            options={
                "verbose_name": "file of a canned reply",
                "ordering": ["id"],
            },
        ),
        migrations.CreateModel(
            name="CannedText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("language", models.CharField(max_length=10)),
                ("html", models.TextField()),
                ("text", models.TextField()),
                ("search", models.TextField(blank=True, default="")),
                (
                    "canned",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="texts",
                        to="workspace.cannedreply",
                    ),
                ),
            ],
            options={
                "verbose_name": "text of a canned reply",
                "ordering": ["id"],
            },
        ),
        migrations.AddIndex(
            model_name="cannedreply",
            index=models.Index(fields=["scope", "sort_name"], name="workspace_canned_scope"),
        ),
        migrations.AddIndex(
            model_name="cannedreply",
            index=models.Index(fields=["owner", "sort_name"], name="workspace_canned_owner"),
        ),
        migrations.AddConstraint(
            model_name="cannedfile",
            constraint=models.UniqueConstraint(
                fields=("canned", "token"), name="workspace_canned_file_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="cannedtext",
            constraint=models.UniqueConstraint(
                fields=("canned", "language"), name="workspace_canned_text_once"
            ),
        ),
    ]
