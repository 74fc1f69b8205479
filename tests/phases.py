"""What a migration may do while the release before still runs on the same tables."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db import models
from django.db.migrations import Migration, operations
from django.db.migrations.loader import MigrationLoader
from django.db.models import NOT_PROVIDED

from otklik.core.db.migrating import AddIndexOnline, WithoutOwnIndex
from tests.floors import room_of

# Where an ordinary index would keep writers waiting for minutes.
LARGE = {
    ("tickets", "ticket"),
    ("tickets", "message"),
    ("tickets", "messagebody"),
    ("events", "eventrow"),
    ("outbox", "delivery"),
    ("search", "searchdocument"),
    ("files", "blob"),
}
# From before the first release: nobody had rows yet. This list only shrinks.
EXCUSED = {("tickets", "0002_kept_and_forgotten"), ("tickets", "0003_spam")}

_HARMLESS = (
    operations.CreateModel,
    operations.AlterModelOptions,
    operations.AlterModelManagers,
    operations.RemoveIndex,
    operations.RemoveConstraint,
    operations.RenameIndex,
    AddIndexOnline,
)


def list_problems() -> Iterator[str]:
    """One line for each operation that does not fit the phase of its migration."""
    loader = MigrationLoader(None)
    ours = {config.label for config in apps.get_app_configs() if room_of(config.name)}
    for key, migration in sorted(loader.disk_migrations.items()):
        if key[0] not in ours or migration.initial or key in EXCUSED:
            continue
        phase = getattr(migration, "phase", "expand")
        if phase not in {"expand", "contract"}:
            yield f"{key[0]}.{key[1]}: phase is expand or contract"
        elif phase == "expand":
            for problem in problems_of(loader, migration):
                yield f"{key[0]}.{key[1]}: {problem}"


def problems_of(loader: MigrationLoader, migration: Migration) -> Iterator[str]:
    state = loader.project_state((migration.app_label, migration.name), at_end=False)
    new = {
        operation.name_lower
        for operation in migration.operations
        if isinstance(operation, operations.CreateModel)
    }
    for operation in migration.operations:
        is_of_new = getattr(operation, "model_name", "").lower() in new
        problem = "" if is_of_new else _problem_of(operation, migration, state)
        if problem:
            yield problem
        operation.state_forwards(migration.app_label, state)


def _problem_of(operation: Any, migration: Migration, state: Any) -> str:
    if isinstance(operation, _HARMLESS):
        return ""
    if isinstance(operation, operations.AddField):
        return _added(operation.name, operation.field)
    if isinstance(operation, operations.AlterField):
        model = state.models[migration.app_label, operation.model_name_lower]
        before = model.fields[operation.name].clone()
        if isinstance(operation, WithoutOwnIndex):
            before.db_index = False
        return _altered(operation.name, before, operation.field)
    if isinstance(operation, operations.AddIndex):
        model_name = operation.model_name.lower()
        if (migration.app_label, model_name) in LARGE:
            return f"an index on {model_name} is added by AddIndexOnline, with atomic = False"
        return ""
    if isinstance(operation, operations.RunPython | operations.RunSQL):
        if getattr(migration, "adds_only", ""):
            return ""
        return "rows are filled by register_backfill; for structure say why: adds_only = '…'"
    if isinstance(operation, operations.AddConstraint):
        if getattr(migration, "adds_only", ""):
            return ""
        return "old code may not keep a new constraint; if it does say why: adds_only = '…'"
    return f"{type(operation).__name__} takes away what the release before uses: phase = 'contract'"


def _added(name: str, field: models.Field[Any, Any]) -> str:
    if field.many_to_many or field.null or field.db_default is not NOT_PROVIDED:
        return ""
    return f"the column {name} is neither nullable nor has a db_default: old code inserts without"


def _altered(name: str, old: models.Field[Any, Any], new: models.Field[Any, Any]) -> str:
    before, after = _stored(old), _stored(new)
    if after.get("null") and not before.get("null"):
        before["null"] = True
    if (after.get("max_length") or 0) >= (before.get("max_length") or 0):
        after["max_length"] = before.get("max_length")
    return "" if before == after else f"{name} is altered in a way that old code does not expect"


def _stored(field: models.Field[Any, Any]) -> dict[str, Any]:
    """What of a field the database knows."""
    _, path, arguments, options = field.deconstruct()
    known = {k: v for k, v in options.items() if k not in {*field.non_db_attrs, "default"}}
    return {"path": path, "arguments": arguments, "max_length": None, **known}
