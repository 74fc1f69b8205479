from django.db import migrations

from otklik.core.db.migrating import clean_up_sooner


class Migration(migrations.Migration):
    adds_only = "settings of a table: no column, no row"

    dependencies = [("jobs", "0002_node")]

    operations = [clean_up_sooner("jobs_job", changed=0.01)]
