"""What happens in this room, as a person reads it."""

from __future__ import annotations

from django.utils.translation import pgettext_lazy

from otklik.core.events import name_events

name_events(
    {
        "account.routed": pgettext_lazy("event", "Team of an account changed"),
        "message.bounced": pgettext_lazy("event", "Letter came back"),
        "quarantine.resolved": pgettext_lazy("event", "Quarantined message decided about"),
        "sender.blocked": pgettext_lazy("event", "Sender blocked"),
        "sender.unblocked": pgettext_lazy("event", "Sender unblocked"),
    }
)
