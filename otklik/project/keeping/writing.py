"""Rows as lines of JSON, exactly, and what a table comes to: a count and a hash.

The hash is the sum of the SHA-256 of all rows modulo 2^256, so that it does not depend on the
order in which a database gives text keys and can be added to chunk by chunk.
"""

from __future__ import annotations

import hashlib
import json
from base64 import b64encode
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models

from otklik.project.keeping.tables import Row, Table
from otklik.project.stopping import Stop

_MODULUS = 1 << 256
_REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
# What JSON in plain ASCII looks like when a text holds what PostgreSQL takes in no column.
_SUSPECT = ("\\u0000", "\\ud")


@dataclass(slots=True)
class Tally:
    """How many rows, and the sum over them."""

    count: int = 0
    sum: int = 0

    def add(self, lines: Iterable[str]) -> None:
        for line in lines:
            digest = hashlib.sha256(line.encode("ascii")).digest()
            self.sum = (self.sum + int.from_bytes(digest, "big")) % _MODULUS
            self.count += 1

    @property
    def hash(self) -> str:
        return f"{self.sum:064x}"


class Scribe:
    """Writes and reads the rows of one table.

    ``for_postgresql``: rows are made fit for it (NUL characters and halves of surrogate pairs
    become U+FFFD, counted in ``altered``), and what no column can hold is named.
    """

    def __init__(self, table: Table, *, for_postgresql: bool = False) -> None:
        self._table = table
        self._json = [n for n, field in enumerate(table.fields) if _is_json(field)]
        self._readers: list[tuple[int, Callable[[Any], Any]]] = [
            (n, _target(field).to_python)
            for n, field in enumerate(table.fields)
            if isinstance(_target(field), _PARSED)
        ]
        self._limits = [
            (n, field.max_length)
            for n, field in enumerate(table.fields)
            if for_postgresql and isinstance(field, models.CharField) and field.max_length
        ]
        self._for_postgresql = for_postgresql
        self.altered = 0

    def write(self, row: Row) -> str:
        """One line of ASCII without its end."""
        return json.dumps(row, default=_plain, separators=(",", ":"))

    def read(self, line: str) -> Row:
        values = json.loads(line)
        for place, reader in self._readers:
            if values[place] is not None:
                values[place] = reader(values[place])
        return tuple(values)

    def fit(self, row: Row) -> Row:
        """The row as the database it goes to can hold it. Raises Stop when it cannot."""
        if not self._for_postgresql:
            return row
        line = self.write(row)
        if any(mark in line for mark in _SUSPECT):
            fitted = tuple(_fitted(value) for value in row)
            self.altered += fitted != row
            row = fitted
        for place, limit in self._limits:
            value = row[place]
            if isinstance(value, str) and len(value) > limit:
                raise Stop(
                    f"{self._table.name}, row {row[self._table.pk_place]}: "
                    f"{self._table.columns[place]} is longer than the {limit} characters that "
                    "PostgreSQL takes there. Shorten it and run the same command again."
                )
        return row

    def canonical(self, row: Row) -> str:
        """The line that is hashed: the same for the same facts on either database."""
        if not self._json:
            return self.write(row)
        values = list(row)
        for place in self._json:
            values[place] = _canonical(values[place])
        return json.dumps(values, default=_plain, separators=(",", ":"), sort_keys=True)


_PARSED = (
    models.DateField,
    models.TimeField,
    models.UUIDField,
    models.DecimalField,
    models.BinaryField,
    models.DurationField,
)


def _target(field: models.Field[Any, Any]) -> models.Field[Any, Any]:
    while isinstance(field, models.ForeignKey):
        field = field.target_field
    return field


def _is_json(field: models.Field[Any, Any]) -> bool:
    return isinstance(field, models.JSONField)


def _plain(value: Any) -> str:
    if isinstance(value, datetime):
        return value.isoformat(timespec="microseconds")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, UUID | Decimal | timedelta):
        return str(value)
    if isinstance(value, bytes | bytearray | memoryview):
        return b64encode(bytes(value)).decode()
    raise TypeError(f"no way to write a {type(value).__name__}")


def _canonical(value: Any) -> Any:
    """`jsonb` keeps no difference between 1e2 and 100."""
    if isinstance(value, dict):
        return {key: _canonical(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_canonical(each) for each in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _fitted(value: Any) -> Any:
    if isinstance(value, str):
        return "".join(
            _REPLACEMENT if letter == "\0" or 0xD800 <= ord(letter) <= 0xDFFF else letter
            for letter in value
        )
    if isinstance(value, dict):
        return {_fitted(key): _fitted(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_fitted(each) for each in value]
    return value
