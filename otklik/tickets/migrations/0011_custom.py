from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0010_merging")]

    operations = [migrations.AddField("ticket", "custom", models.JSONField(null=True))]
