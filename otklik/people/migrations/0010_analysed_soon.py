from django.db import migrations

from otklik.core.db.migrating import analyse_soon


class Migration(migrations.Migration):
    adds_only = "how often the planner looks at a table takes nothing away"

    dependencies = [("people", "0009_no_twin_indexes")]

    operations = [analyse_soon("people_agent", "people_user")]
