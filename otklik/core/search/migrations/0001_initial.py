from django.db import migrations, models

import otklik.core.search.models

# The words lie in the model's table; FTS5 keeps only its index over them. It has to be told the
# old words to forget them, so triggers tell it. A later migration that alters the model makes
# Django rebuild the table without its triggers: such a migration runs SQLITE_TRIGGERS again.
SQLITE_TABLE = """
CREATE VIRTUAL TABLE search_words USING fts5(
    title, body, keys, content='search_searchdocument', content_rowid='id',
    tokenize="ascii tokenchars ':'", prefix='2 3', columnsize=0
)
"""
SQLITE_TRIGGERS = [
    """
    CREATE TRIGGER search_words_added AFTER INSERT ON search_searchdocument BEGIN
        INSERT INTO search_words(rowid, title, body, keys)
        VALUES (new.id, new.title, new.body, new.keys);
    END
    """,
    """
    CREATE TRIGGER search_words_removed AFTER DELETE ON search_searchdocument BEGIN
        INSERT INTO search_words(search_words, rowid, title, body, keys)
        VALUES ('delete', old.id, old.title, old.body, old.keys);
    END
    """,
    """
    CREATE TRIGGER search_words_changed
    AFTER UPDATE OF title, body, keys ON search_searchdocument BEGIN
        INSERT INTO search_words(search_words, rowid, title, body, keys)
        VALUES ('delete', old.id, old.title, old.body, old.keys);
        INSERT INTO search_words(rowid, title, body, keys)
        VALUES (new.id, new.title, new.body, new.keys);
    END
    """,
]


def add_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "CREATE INDEX search_document_tokens ON search_searchdocument USING gin (tokens)"
        )
        return
    for statement in [SQLITE_TABLE, *SQLITE_TRIGGERS]:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP INDEX search_document_tokens")
        return
    for name in ("added", "removed", "changed"):
        schema_editor.execute(f"DROP TRIGGER search_words_{name}")
    schema_editor.execute("DROP TABLE search_words")


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="SearchDocument",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("object_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                ("indexed_at", models.DateTimeField()),
                ("keys", models.TextField()),
                ("title", models.TextField()),
                ("body", models.TextField()),
                ("tokens", otklik.core.search.models.TokensField(default="", editable=False)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "object_id"), name="search_document_unique"
                    )
                ],
            },
        ),
        migrations.RunPython(add_index, drop_index),
    ]
