"""What became of a delivery: ids and codes only."""

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


@event("delivery.changed")
@dataclass(frozen=True, slots=True)
class DeliveryChanged:
    """``subject_id`` is what ``kind`` says it is (a message, a letter)."""

    delivery_id: int
    kind: str
    subject_id: int | None
    account_id: int | None
    status: str
    previous: str
    error_kind: str = ""
    ticket_id: int | None = None


name_events(
    {
        "delivery.changed": pgettext_lazy("event", "Delivery changed its state"),
    },
    group=pgettext_lazy("events", "Talk and replies"),
)
