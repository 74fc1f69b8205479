"""What happens to the desk's keys."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import pgettext_lazy

from otklik.core.events import event, name_events


@event("mail_key.imported")
@dataclass(frozen=True, slots=True)
class MailKeyImported:
    """A key or certificate came into the desk's store, or its private part did."""

    mail_key_id: int
    kind: str
    has_private: bool = False


@event("mail_key.removed")
@dataclass(frozen=True, slots=True)
class MailKeyRemoved:
    """A key left the store: letters to it stay closed from now on."""

    mail_key_id: int
    kind: str


name_events(
    {
        "mail_key.imported": pgettext_lazy("event", "Mail key imported"),
        "mail_key.removed": pgettext_lazy("event", "Mail key removed"),
    },
    group=pgettext_lazy("events", "Channels and mail"),
)
