from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0003_address_troubles")]

    operations = [
        migrations.AddField(
            "user", "has_toured", models.BooleanField(default=False, db_default=False)
        ),
    ]
