"""What happens to operations."""

from dataclasses import dataclass

from otklik.core.events import event


@event("operation.undone")
@dataclass(frozen=True, slots=True)
class OperationUndone:
    operation_id: int
    name: str
    changes: int
