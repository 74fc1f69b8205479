"""Which columns hold sealed texts, so that a rotated key can leave them and a lost one be named."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import structlog
from django.apps import apps

from otklik.core.db import write
from otklik.core.settings import secrets

logger = structlog.get_logger(__name__)

_TOKEN = re.compile(r"k[0-9]+[0-9a-f]{6}:[\w-]+\Z")
# Bulk work shares the write gate with people: a few rows at a time (design: about ten).
_BATCH = 10


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Sealed texts of one column that no key of ours opens."""

    model: str
    field: str
    count: int


_columns: dict[tuple[str, str], None] = {}


def register_sealed(model: str, field: str) -> None:
    """Name a text or JSON column (``"desk.Account"``, ``"password"``) that holds a sealed text.

    A JSON column may hold it as its value or as values of an object, one level deep.
    """
    _columns[(model, field)] = None


def list_sealed() -> list[tuple[str, str]]:
    return sorted(_columns)


def find_unreadable() -> list[Unreadable]:
    """What the present key file cannot open; empty when all is well."""
    known = secrets.key_ring().keys
    found = []
    for model, field in list_sealed():
        count = 0
        for _pk, value in _rows(model, field):
            count += any(token.partition(":")[0] not in known for token in _tokens(value))
        if count:
            found.append(Unreadable(model, field, count))
    return found


def seal_anew() -> tuple[int, int]:
    """Move every sealed text to the current key. Returns (moved, could not be opened).

    May be interrupted and repeated; a row that changes meanwhile is left to its writer.
    """
    moved = failed = 0
    for model, field in list_sealed():
        batch: list[tuple[Any, Any, Any]] = []
        for pk, value in _rows(model, field):
            if all(secrets.is_current(token) for token in _tokens(value)):
                continue
            try:
                batch.append((pk, value, _moved(value)))
            except secrets.SecretError as error:
                failed += 1
                logger.warning("secret_not_moved", model=model, row=pk, reason=str(error))
            if len(batch) == _BATCH:
                moved += _store(model, field, batch)
                batch = []
        moved += _store(model, field, batch)
    return moved, failed


def _rows(model: str, field: str) -> Iterator[tuple[Any, Any]]:
    """Read in keyset steps: a cursor held open would see or block its own updates."""
    manager = apps.get_model(model)._base_manager
    last = 0
    while True:
        rows = list(manager.filter(pk__gt=last).order_by("pk").values_list("pk", field)[:500])
        for pk, value in rows:
            if any(True for _ in _tokens(value)):
                yield pk, value
        if len(rows) < 500:
            return
        last = rows[-1][0]


def _tokens(value: Any) -> Iterator[str]:
    for each in value.values() if isinstance(value, dict) else (value,):
        if isinstance(each, str) and _TOKEN.match(each):
            yield each


def _moved(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _moved_text(each) for key, each in value.items()}
    return _moved_text(value)


def _moved_text(value: Any) -> Any:
    if isinstance(value, str) and _TOKEN.match(value) and not secrets.is_current(value):
        return secrets.seal(secrets.unseal(value))
    return value


def _store(model: str, field: str, batch: list[tuple[Any, Any, Any]]) -> int:
    if not batch:
        return 0
    manager = apps.get_model(model)._base_manager
    with write():
        return sum(
            manager.filter(pk=pk, **{field: old}).update(**{field: new}) for pk, old, new in batch
        )
