"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "account.routed": pgettext_lazy("event", "Team of an account changed"),
        "quarantine.resolved": pgettext_lazy("event", "Quarantined message decided about"),
        "sender.blocked": pgettext_lazy("event", "Sender blocked"),
        "sender.unblocked": pgettext_lazy("event", "Sender unblocked"),
    },
    group=pgettext_lazy("events", "Channels and mail"),
)
name_events(
    {
        "message.bounced": pgettext_lazy("event", "Letter came back"),
    },
    group=pgettext_lazy("events", "Talk and replies"),
)
