from dataclasses import dataclass

from otklik.core.events import event


@event("setting.changed")
@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A stored setting has another value; the value itself stays out of the log."""

    key: str
