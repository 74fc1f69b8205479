from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("fields", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="field",
            name="customer_access",
            field=models.CharField(
                choices=[
                    ("hidden", "Do not see it"),
                    ("shown", "See it"),
                    ("asked", "Fill it in when they ask"),
                    ("changed", "Fill it in, also later"),
                ],
                db_default="hidden",
                default="hidden",
                max_length=10,
            ),
        ),
    ]
