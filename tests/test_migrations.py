"""Models and migrations say the same."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command

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
