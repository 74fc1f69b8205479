"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "account.activated": pgettext_lazy("event", "Account switched on"),
        "account.changed": pgettext_lazy("event", "Account changed"),
        "account.created": pgettext_lazy("event", "Account added"),
        "account.deactivated": pgettext_lazy("event", "Account switched off"),
        "account.failing": pgettext_lazy("event", "Account stopped working"),
        "account.recovered": pgettext_lazy("event", "Account works again"),
    },
    group=pgettext_lazy("events", "Channels and mail"),
)
name_events(
    {
        "brand.changed": pgettext_lazy("event", "Brand changed"),
        "brand.created": pgettext_lazy("event", "Brand added"),
        "brand.made_default": pgettext_lazy("event", "Default brand changed"),
        "calendar.changed": pgettext_lazy("event", "Calendar changed"),
        "calendar.created": pgettext_lazy("event", "Calendar added"),
        "text.changed": pgettext_lazy("event", "Text changed"),
    },
    group=pgettext_lazy("events", "Settings of the desk"),
)
