"""Custom fields of two people who are one: what only the one who went has is taken over."""

from __future__ import annotations

from collections.abc import Iterable

from otklik.core.fields.joining import give_back, take_over
from otklik.core.operations.actions import journal
from otklik.core.operations.models import Change, Operation
from otklik.people.models import Person

_PREFIX = "custom:"  # "custom:size": the value of that key came from the other row


def take_over_fields(operation: Operation, kept: Person, gone: Person) -> bool:
    """Inside the merge, both rows held; whether ``kept.custom`` is to be saved."""
    taken = take_over(kept, gone)
    for field in taken:
        journal(operation, kept, f"{_PREFIX}{field.key}", None, {"of": gone.pk})
    return bool(taken)


def give_back_fields(kept: Person, gone: Person, changes: Iterable[Change]) -> None:
    """Empty what was taken over, unless somebody has written something else since."""
    keys = [change.field.removeprefix(_PREFIX) for change in changes if is_of_field(change)]
    give_back(kept, gone, keys)


def is_of_field(change: Change) -> bool:
    return change.field.startswith(_PREFIX)
