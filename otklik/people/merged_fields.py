"""Custom fields of two people who are one: what only the one who went has is taken over."""

from __future__ import annotations

from collections.abc import Iterable

from otklik.core.fields.queries import list_fields, values_of
from otklik.core.fields.values import put_value
from otklik.core.operations.actions import journal
from otklik.core.operations.models import Change, Operation
from otklik.people.models import Person

_PREFIX = "custom:"  # "custom:size": the value of that key came from the other row


def take_over_fields(operation: Operation, kept: Person, gone: Person) -> bool:
    """Inside the merge, both rows held; whether ``kept.custom`` is to be saved. Values are in no
    journal: the row that went keeps them."""
    mine, theirs = values_of(kept), values_of(gone)
    taken = False
    for field in list_fields("person"):
        value = theirs.get(field.key)
        if value is None or mine.get(field.key) is not None:
            continue
        journal(operation, kept, f"{_PREFIX}{field.key}", None, {"of": gone.pk})
        put_value(kept, field, value)
        taken = True
    return taken


def give_back_fields(kept: Person, gone: Person, changes: Iterable[Change]) -> None:
    """Empty what was taken over, unless somebody has written something else since."""
    fields = {field.key: field for field in list_fields("person")}
    theirs = values_of(gone)
    for change in changes:
        key = change.field.removeprefix(_PREFIX)
        if not is_of_field(change) or key not in fields:
            continue
        if values_of(kept).get(key) == theirs.get(key):
            put_value(kept, fields[key], None)


def is_of_field(change: Change) -> bool:
    return change.field.startswith(_PREFIX)
