import django.db.models.deletion
from django.db import migrations, models

from otklik.core.db.migrating import WithoutOwnIndex


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0009_no_twin_indexes"),
        ("workspace", "0003_views"),
    ]

    operations = [
        WithoutOwnIndex(
            model_name="cannedfile",
            name="canned",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="files",
                to="workspace.cannedreply",
            ),
        ),
        WithoutOwnIndex(
            model_name="cannedreply",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
        WithoutOwnIndex(
            model_name="cannedtext",
            name="canned",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="texts",
                to="workspace.cannedreply",
            ),
        ),
        WithoutOwnIndex(
            model_name="view",
            name="owner",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
        WithoutOwnIndex(
            model_name="viewplace",
            name="person",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="people.person",
            ),
        ),
    ]
