from django.db import migrations, models


def by_language(model: str, name: str) -> migrations.AddField:
    return migrations.AddField(model, name, models.JSONField(default=dict, null=True))


class Migration(migrations.Migration):
    dependencies = [("tickets", "0021_no_twin_indexes")]

    operations = [
        by_language("status", "hints"),
        by_language("tag", "hints"),
        by_language("checklisttemplate", "labels"),
        by_language("checklisttemplate", "hints"),
        by_language("checklist", "labels"),
        by_language("checklistitem", "labels"),
        by_language("checklistitem", "hints"),
    ]
