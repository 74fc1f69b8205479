from django.db import migrations, models

from otklik.core.db.migrating import AddIndexOnline


class Migration(migrations.Migration):
    atomic = False  # beside a running desk

    dependencies = [("tickets", "0018_waiting_by_state")]

    operations = [
        migrations.AddField("ticket", "subject_key", models.CharField(max_length=300, null=True)),
        migrations.AddField(
            "ticket",
            "followers",
            models.ManyToManyField(
                related_name="+", through="tickets.Follower", to="people.person"
            ),
        ),
        AddIndexOnline(
            "ticket",
            models.Index(
                fields=["-id"],
                name="tickets_to_fold",
                condition=models.Q(subject_key__isnull=True),
            ),
        ),
    ]
