from django.db import migrations

from otklik.core.db.migrating import clean_up_sooner


class Migration(migrations.Migration):
    adds_only = "settings of a table: no column, no row"

    dependencies = [("outbox", "0001_initial")]

    operations = [clean_up_sooner("outbox_delivery", "outbox_deliveryrecipient", changed=0.02)]
