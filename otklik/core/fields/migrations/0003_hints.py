from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fields", "0002_customer_access")]

    operations = [
        migrations.AddField(
            model_name="field",
            name="hints",
            field=models.JSONField(default=dict, null=True),
        ),
    ]
