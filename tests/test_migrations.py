"""Models and migrations say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import Index, Model, UniqueConstraint

from tests.floors import room_of


def test_every_room_with_models_has_migrations() -> None:
    without = [
        config.name
        for config in apps.get_app_configs()
        if room_of(config.name)
        and any(model._meta.managed for model in config.get_models())
        and not list(Path(config.path, "migrations").glob("0*.py"))
    ]
    assert not without


@pytest.mark.data
@pytest.mark.django_db
def test_no_model_has_changed_without_a_migration() -> None:
    # Ends with SystemExit(1) and the names of what is missing.
    call_command("makemigrations", check=True, dry_run=True, verbosity=1)


@pytest.mark.data
@pytest.mark.django_db
def test_no_index_is_only_the_beginning_of_another() -> None:
    """Every letter would write it, and nothing reads it."""
    twins = []
    for config in apps.get_app_configs():
        for model in config.get_models() if room_of(config.name) else ():
            with connection.cursor() as cursor:
                found = connection.introspection.get_constraints(cursor, model._meta.db_table)
            partial = {each.name for each in _conditional(model)}
            whole = {
                name: (known["columns"], known["unique"])
                for name, known in found.items()
                if name not in partial
                and not name.endswith("_like")  # another order of letters
                and (known["index"] or known["unique"])
                and known["columns"]
                and None not in known["columns"]
            }
            twins += [
                f"{model._meta.db_table}: {name} and {other}"
                for name, (columns, is_unique) in whole.items()
                for other, (more, _is_unique) in whole.items()
                if name != other and not is_unique and more[: len(columns)] == columns
            ]
    assert not twins


def _conditional(model: type[Model]) -> list[Index | UniqueConstraint]:
    """What holds only some of the rows."""
    constraints = [one for one in model._meta.constraints if isinstance(one, UniqueConstraint)]
    return [one for one in [*model._meta.indexes, *constraints] if one.condition is not None]
