"""What happens to operations."""

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


@event("operation.undone")
@dataclass(frozen=True, slots=True)
class OperationUndone:
    operation_id: int
    name: str
    changes: int


name_events(
    {
        "operation.undone": pgettext_lazy("event", "Change undone"),
    },
    group=pgettext_lazy("events", "Upkeep and notifications"),
)
