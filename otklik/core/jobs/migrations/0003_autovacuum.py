from django.db import migrations

# Rows come and go all day: cleaning up after a fifth of the table has changed is far too late
# (https://www.postgresql.org/docs/current/routine-vacuuming.html).
SETTINGS = {
    "autovacuum_vacuum_scale_factor": "0.01",
    "autovacuum_vacuum_threshold": "500",
    "autovacuum_analyze_scale_factor": "0.05",
}
TABLES = ["jobs_job"]


def clean_up_sooner(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        chosen = ", ".join(f"{name} = {value}" for name, value in SETTINGS.items())
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} SET ({chosen})")


def as_before(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        for table in TABLES:
            schema_editor.execute(f"ALTER TABLE {table} RESET ({', '.join(SETTINGS)})")


class Migration(migrations.Migration):
    adds_only = "settings of a table: no column, no row"

    dependencies = [("jobs", "0002_node")]

    operations = [migrations.RunPython(clean_up_sooner, as_before)]
