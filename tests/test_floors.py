"""Imports are import-linter's business; here is what else could look up a floor."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from django.db.models import Field

from tests.floors import PACKAGE, list_rooms, may_know, room_of

_TEMPLATE = re.compile(r"""{%-?\s*(?:include|extends)\s+["']([^"']+)["']""")
_URL_TAG = re.compile(r"""{%-?\s*url\s+["']([\w-]+):""")
_REVERSE = re.compile(r"""\b(?:reverse|reverse_lazy|redirect|resolve_url)\(\s*["']([\w-]+):""")


def test_rooms_stand_as_the_plan_says() -> None:
    assert may_know("project", "tickets")
    assert may_know("tickets", "core.jobs")
    assert may_know("core.jobs", "core.db")
    assert may_know("core.db", "kit")
    assert not may_know("tickets", "channels")
    assert not may_know("core.db", "core.jobs")
    assert not may_know("workspace", "portal")
    assert not may_know("plugins.channel_email", "plugins.channel_chat")


def test_foreign_keys_point_down() -> None:
    upward = []
    for model in apps.get_models(include_auto_created=True):
        room = room_of(model.__module__)
        for field in model._meta.get_fields(include_hidden=True):
            if not (room and isinstance(field, Field) and field.is_relation):
                continue
            other = room_of(getattr(field.related_model, "__module__", ""))
            if not other or room == other:
                continue
            if not may_know(room, other):
                upward.append(f"{model._meta.label}.{field.name} → {other}")
            elif field.remote_field and not field.remote_field.hidden:
                upward.append(f"{model._meta.label}.{field.name}: related_name is not +")
    assert not upward


def test_templates_use_templates_of_lower_rooms() -> None:
    labels = _rooms_by_label()
    assert not list(_upward(labels, "templates/**/*", _TEMPLATE, lambda name: name.split("/")[0]))


def test_url_names_point_down() -> None:
    labels = _rooms_by_label()
    assert not list(_upward(labels, "templates/**/*", _URL_TAG, lambda name: name))
    assert not list(_upward(labels, "**/*.py", _REVERSE, lambda name: name))


def test_migrations_depend_on_lower_rooms() -> None:
    rooms = {config.label: room_of(config.name) for config in apps.get_app_configs()}
    upward = []
    for (label, name), migration in MigrationLoader(None).disk_migrations.items():
        for other_label, other_name in [*migration.dependencies, *migration.run_before]:
            room, other = rooms[label], rooms.get(other_label, "")
            if room and other and not may_know(room, other):
                upward.append(f"{label}.{name} → {other_label}.{other_name}")
    assert not upward


def _rooms_by_label() -> dict[str, str]:
    """App label, template folder and url namespace of a room are its last name."""
    return {room.rpartition(".")[2]: room for room in list_rooms()}


def _upward(
    labels: dict[str, str], files: str, pattern: re.Pattern[str], label_of: Callable[[str], str]
) -> Iterator[str]:
    for room, folder in list_rooms().items():
        for path in folder.glob(files):
            if not path.is_file() or "tests" in path.relative_to(folder).parts:
                continue
            for name in pattern.findall(_text(path)):
                other = labels.get(label_of(name))
                if other and not may_know(room, other):
                    yield f"{path.relative_to(PACKAGE)}: {name}"


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except UnicodeDecodeError:
        return ""
