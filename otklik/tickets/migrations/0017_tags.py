import django.db.models.deletion
import django.db.models.manager
from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0016_due")]

    operations = [
        migrations.AddField(
            "tag", "hint", models.CharField(blank=True, db_default="", default="", max_length=300)
        ),
        migrations.AddField("tag", "removed_at", models.DateTimeField(null=True)),
        migrations.AddField(
            "tag",
            "merged_into",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="tickets.tag",
            ),
        ),
        migrations.AlterModelManagers("tag", [("every", django.db.models.manager.Manager())]),
        migrations.AddField("tickettag", "merged_from", models.BigIntegerField(null=True)),
        AddIndexOnline(
            "tickettag",
            models.Index(
                fields=["merged_from", "id"],
                name="tickets_tag_was",
                condition=models.Q(merged_from__isnull=False),
            ),
        ),
    ]
