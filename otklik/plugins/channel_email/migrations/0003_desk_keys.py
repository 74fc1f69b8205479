import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channel_email", "0002_mailbox_grants"),
    ]

    operations = [
        migrations.CreateModel(
            name="DeskKey",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("smime", "Smime"), ("openpgp", "Openpgp")], max_length=8
                    ),
                ),
                ("fingerprint", models.CharField(max_length=64)),
                ("name", models.CharField(max_length=200)),
                ("addresses", models.JSONField(default=list)),
                ("public", models.TextField()),
                ("sealed", models.JSONField(default=dict, editable=False)),
                ("is_authority", models.BooleanField(default=False)),
                ("expires_at", models.DateTimeField(null=True)),
                ("imported_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"verbose_name": "mail key", "ordering": ["name", "id"]},
        ),
        migrations.AddConstraint(
            model_name="deskkey",
            constraint=models.UniqueConstraint(
                fields=("kind", "fingerprint"), name="email_key_once"
            ),
        ),
    ]
