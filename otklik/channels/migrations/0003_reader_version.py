from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0002_spam"),
    ]

    operations = [
        migrations.AddField(
            model_name="quarantined",
            name="reader_version",
            field=models.PositiveIntegerField(null=True),
        ),
    ]
