"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "notify.device_added": pgettext_lazy("event", "Device for notifications added"),
        "notify.device_removed": pgettext_lazy("event", "Device for notifications removed"),
        "notify.preferences_changed": pgettext_lazy("event", "Notification settings changed"),
    },
    group=pgettext_lazy("events", "Upkeep and notifications"),
)
