from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("people", "0005_merging")]

    operations = [
        migrations.AddField("person", "custom", models.JSONField(null=True, blank=True)),
        migrations.AddField("organisation", "custom", models.JSONField(null=True, blank=True)),
    ]
