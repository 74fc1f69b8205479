"""Two things become one: what is empty on the one that stays takes the value of the one that goes.

Values are in no journal: the row that went keeps them, so an erasure there is enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from otklik.core.fields.models import Field
from otklik.core.fields.owners import owner_of
from otklik.core.fields.queries import list_fields, values_of
from otklik.core.fields.values import put_value


def take_over(kept: Any, gone: Any) -> list[Field]:
    """Inside ``write()``, both rows held: set what only ``gone`` has. Returns those fields;
    ``kept.custom`` is to be saved when there are any."""
    mine, theirs = values_of(kept), values_of(gone)
    taken = [
        field
        for field in list_fields(owner_of(kept).thing)
        if theirs.get(field.key) is not None and mine.get(field.key) is None
    ]
    for field in taken:
        put_value(kept, field, theirs[field.key])
    return taken


def give_back(kept: Any, gone: Any, keys: Iterable[str]) -> list[Field]:
    """Empty what was taken over, unless somebody has written something else since."""
    fields = {field.key: field for field in list_fields(owner_of(kept).thing)}
    mine, theirs = values_of(kept), values_of(gone)
    given = [
        fields[key]
        for key in keys
        if key in fields and mine.get(key) is not None and mine[key] == theirs.get(key)
    ]
    for field in given:
        put_value(kept, field, None)
    return given
