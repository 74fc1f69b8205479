from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


@event("setting.changed")
@dataclass(frozen=True, slots=True)
class SettingChanged:
    """A stored setting has another value; the value itself stays out of the log."""

    key: str


name_events(
    {
        "setting.changed": pgettext_lazy("event", "Setting changed"),
    },
    group=pgettext_lazy("events", "Settings of the desk"),
)
