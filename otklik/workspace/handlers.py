"""Open pages hear that a ticket changed, whatever changed it."""

from __future__ import annotations

from otklik.core.access import Actor, Origin
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.core.realtime import publish, register_topic
from otklik.tickets import events
from otklik.tickets.later_events import ReminderDue
from otklik.tickets.sending_events import SideMessageReceived, SideMessageSent

_HEARD = (
    SideMessageReceived,
    SideMessageSent,
    events.TicketOpened,
    events.MessageReceived,
    events.TicketReplied,
    events.NoteAdded,
    events.StatusChanged,
    events.TicketAssigned,
    events.TicketTransferred,
    events.TicketChanged,
    events.TicketTagged,
    events.TicketUntagged,
    events.TicketFollowed,
    events.TicketUnfollowed,
    events.TicketTrashed,
    events.TicketRestored,
    events.TicketMarkedSpam,
    events.TicketUnmarkedSpam,
    events.TicketHoldPlaced,
    events.TicketHoldLifted,
    events.TicketFilesErased,
    events.TicketTextsErased,
    events.TicketPurged,
    events.TicketSnoozed,
    events.TicketWoken,
    events.ParticipantAdded,
    events.ParticipantConfirmed,
    events.ParticipantRemoved,
    events.MessageDeliveryChanged,
    ReminderDue,
    events.TicketMerged,
    events.TicketAbsorbed,
    events.TicketUnmerged,
    events.TicketReleased,
    events.TicketSplitOff,
    events.MessagesMoved,
)
# Nobody sits before a page while demo data is written.
_ORIGINS = frozenset(Origin) - {Origin.DEMO}
# These move no version of the ticket: whoever shows it must look.
_UNVERSIONED = (events.MessageDeliveryChanged, events.TicketFollowed, events.TicketUnfollowed)


def wire() -> None:
    register_topic("inbox", may_see_inbox)
    for heard in _HEARD:
        on(heard, name="workspace.publish", phase=Phase.NOTIFY, origins=_ORIGINS)(tell_pages)


def tell_pages(row: EventRow) -> None:
    """Every list: which lists a ticket is in only their reader knows. The ticket's own pages hear
    of new versions from its room, here of what moves no version."""
    if row.ticket_id is None:
        return
    if isinstance(row.event, ReminderDue):
        publish(f"ticket:{row.ticket_id}", None, row.pk)
        publish("inbox:all", None, row.pk)
    elif isinstance(row.event, _UNVERSIONED):
        publish(f"ticket:{row.ticket_id}", None, row.pk)
    else:
        publish("inbox:all", None, row.pk)


def may_see_inbox(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident == "all"
