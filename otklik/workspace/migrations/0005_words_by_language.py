from django.db import migrations, models


def by_language(model: str, name: str) -> migrations.AddField:
    return migrations.AddField(model, name, models.JSONField(default=dict, null=True))


class Migration(migrations.Migration):
    dependencies = [("workspace", "0004_no_twin_indexes")]

    operations = [
        by_language("macro", "labels"),
        by_language("macro", "hints"),
        by_language("script", "labels"),
        by_language("script", "hints"),
        by_language("cannedreply", "hints"),
    ]
