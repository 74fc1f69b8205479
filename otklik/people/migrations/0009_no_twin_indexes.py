import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0008_told_apart"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="membership",
            name="agent",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="memberships",
                to="people.agent",
            ),
        ),
        WithoutOwnIndex(
            model_name="nottwins",
            name="first",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
        WithoutOwnIndex(
            model_name="person",
            name="organisation",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="people.organisation",
            ),
        ),
        WithoutOwnIndex(
            model_name="personmerge",
            name="gone",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
        WithoutOwnIndex(
            model_name="personmerge",
            name="kept",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
    ]
