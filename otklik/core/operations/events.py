"""What happens to operations."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("operation.undone")
@dataclass(frozen=True, slots=True)
class OperationUndone:
    undone_id: int
    name: str
