from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("tickets", "0003_spam"),
    ]

    operations = [
        migrations.AddField(
            model_name="messagebody",
            name="reading",
            field=models.JSONField(null=True),
        ),
    ]
