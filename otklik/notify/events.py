"""What happens to one's own choices. Being told and reading are no facts and have no events."""

from __future__ import annotations

from dataclasses import dataclass

from otklik.core.events import event


@event("notify.preferences_changed")
@dataclass(frozen=True, slots=True)
class NotifyPreferencesChanged:
    """``topics`` are codes; empty when only hours or digests changed."""

    person_id: int
    topics: list[str]


@event("notify.device_added")
@dataclass(frozen=True, slots=True)
class DeviceAdded:
    person_id: int
    device_id: int


@event("notify.device_removed")
@dataclass(frozen=True, slots=True)
class DeviceRemoved:
    """``reason``: asked, signed_out, gone (its service says so)."""

    person_id: int
    device_id: int
    reason: str = "asked"
