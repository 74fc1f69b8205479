"""Why an operation is not undone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import ngettext

from otklik.core.access import Conflict


@dataclass(frozen=True, slots=True)
class Clash:
    """What is no longer as the operation left it; ``is_missing``: the object is gone."""

    model: str
    object_id: int
    field: str
    expected: Any
    found: Any = None
    is_missing: bool = False


class ChangedSince(Conflict):
    """Something was changed again after the operation; ``clashes`` names each."""

    code = "changed_since"

    def __init__(self, clashes: Sequence[Clash]) -> None:
        super().__init__(
            ngettext(
                "This cannot be undone: %(count)d thing was changed since.",
                "This cannot be undone: %(count)d things were changed since.",
                len(clashes),
            )
            % {"count": len(clashes)},
            fields={f"{each.model}:{each.object_id}:{each.field}": each.found for each in clashes},
        )
        self.clashes = tuple(clashes)


class NotReversible(Conflict):
    """A room that could put things back is not installed."""

    code = "not_reversible"
