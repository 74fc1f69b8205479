"""New code runs on the tables before it: see docs/operators/upgrading.md."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, migrations, models
from django.db.migrations.loader import MigrationLoader

from otklik.core.db.migrating import AddIndexOnline, WithoutOwnIndex
from tests.phases import list_problems, problems_of


def _key(to: str, **options: Any) -> models.ForeignKey[Any, Any]:
    return models.ForeignKey(
        to, models.SET_NULL, null=True, blank=True, related_name="+", **options
    )


BY_VERSION = models.Index(fields=["version"], name="by_version")


def test_a_migration_that_expands_takes_nothing_away_from_the_release_before() -> None:
    assert list(list_problems()) == []


@pytest.mark.parametrize(
    ("operation", "problem"),
    [
        (migrations.AddField("tag", "colour", models.CharField(max_length=7)), "neither nullable"),
        (migrations.AddField("tag", "colour", models.CharField(max_length=7, null=True)), ""),
        (migrations.AddField("tag", "colour", models.CharField(max_length=7, db_default="")), ""),
        (migrations.RemoveField("tag", "name"), "takes away"),
        (migrations.RenameField("tag", "name", "label"), "takes away"),
        (migrations.AlterField("tag", "name", models.CharField(max_length=90)), ""),
        (migrations.AlterField("tag", "name", models.CharField(max_length=9)), "altered"),
        (
            migrations.AddIndex("ticket", models.Index(fields=["version"], name="x")),
            "AddIndexOnline",
        ),
        (WithoutOwnIndex("ticket", "team", _key("people.Team", db_index=False)), ""),
        (WithoutOwnIndex("ticket", "team", _key("people.Agent", db_index=False)), "altered"),
        (migrations.AddIndex("tag", models.Index(fields=["name"], name="x")), ""),
        (migrations.RunPython(migrations.RunPython.noop), "register_backfill"),
    ],
)
def test_each_kind_of_change_is_told_apart(operation, problem: str) -> None:
    loader = MigrationLoader(None)
    last = max(name for app, name in loader.disk_migrations if app == "tickets")
    migration = type(
        "Migration", (migrations.Migration,), {"operations": [operation], "dependencies": []}
    )(last, "tickets")
    found = list(problems_of(loader, migration))
    assert bool(found) == bool(problem), found
    assert all(problem in each for each in found)


@pytest.mark.data
@pytest.mark.django_db(transaction=True)
def test_an_index_is_built_beside_a_running_desk_also_after_it_was_cut_short() -> None:
    state = MigrationLoader(None).project_state()
    after = state.clone()
    operation = AddIndexOnline("ticket", BY_VERSION)
    operation.state_forwards("tickets", after)

    def names() -> set[str]:
        with connection.cursor() as cursor:
            found = connection.introspection.get_constraints(cursor, "tickets_ticket")
        return set(found)

    with connection.schema_editor(atomic=False) as editor:
        operation.database_forwards("tickets", editor, state, after)
        assert "by_version" in names()
        if connection.vendor == "postgresql":
            operation.database_forwards("tickets", editor, state, after)
        operation.database_backwards("tickets", editor, after, state)
    assert "by_version" not in names()
