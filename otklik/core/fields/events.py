"""What happens to custom fields. Values are told as codes and ids, texts never."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


@event("field.created")
@dataclass(frozen=True, slots=True)
class FieldCreated:
    field_id: int


@event("field.changed")
@dataclass(frozen=True, slots=True)
class FieldChanged:
    """``what``: the attributes that changed; archived_at among them."""

    field_id: int
    what: tuple[str, ...] = ()


@event("field.value_changed")
@dataclass(frozen=True, slots=True)
class FieldValueChanged:
    """``old`` and ``new``: codes of options and ids; absent for texts, numbers and dates."""

    field_id: int
    thing: str
    owner_id: int
    ticket_id: int | None = None
    person_id: int | None = None
    old: Any = None
    new: Any = None


name_events(
    {
        "field.changed": pgettext_lazy("event", "Custom field changed"),
        "field.created": pgettext_lazy("event", "Custom field added"),
        "field.value_changed": pgettext_lazy("event", "Value of a custom field changed"),
    },
    group=pgettext_lazy("events", "Settings of the desk"),
)
