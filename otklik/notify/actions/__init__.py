from otklik.notify.actions.choices import (
    Hours,
    choose_hours,
    choose_topics,
    set_defaults,
    stop_letters,
)
from otklik.notify.actions.devices import (
    add_device,
    ensure_key,
    remove_device,
    rename_device,
    test_devices,
)
from otklik.notify.actions.reading import (
    read_all,
    read_notifications,
    read_thing,
    see_notifications,
)

__all__ = [
    "Hours",
    "add_device",
    "choose_hours",
    "choose_topics",
    "ensure_key",
    "read_all",
    "read_notifications",
    "read_thing",
    "remove_device",
    "rename_device",
    "see_notifications",
    "set_defaults",
    "stop_letters",
    "test_devices",
]
