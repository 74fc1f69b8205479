from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0019_folded_subject")]

    operations = [
        migrations.AddField(
            "waitingreply",
            "despite_checklists",
            models.BooleanField(default=False, db_default=False),
        ),
        migrations.AddField(
            "waitingreply",
            "despite_parts",
            models.BooleanField(default=False, db_default=False),
        ),
    ]
