"""Open pages hear that a ticket changed, whatever changed it."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Q

from otklik.core.access import Actor, Origin
from otklik.core.db.spelling import spelt_once
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.core.realtime import publish, publish_all, register_topic
from otklik.people.models import Agent
from otklik.tickets import events
from otklik.tickets.actions.carrying import register_carried
from otklik.tickets.later_events import ReminderDue
from otklik.tickets.models import Ticket
from otklik.tickets.querysets import sees_all
from otklik.tickets.sending_events import SideMessageReceived, SideMessageSent
from otklik.workspace.queries.presence import TALKS
from otklik.workspace.queries.shared_rows import draw_rows

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
COUNTS_EVERY = 2.0  # seconds; much of what happens moves one of them
ROWS_GATHER = 0.25  # seconds; all who show a list hear of it at once, and it is read once for them
# What these change is in no built-in list's question nor order; what views ask, nobody knows.
_STILL = (
    events.TicketChanged,
    events.TicketTagged,
    events.TicketUntagged,
    events.TicketHoldPlaced,
    events.TicketHoldLifted,
    events.TicketFilesErased,
    events.TicketTextsErased,
    events.ParticipantAdded,
    events.ParticipantConfirmed,
    events.ParticipantRemoved,
)
# Nobody sits before a page while demo data is written.
_ORIGINS = frozenset(Origin) - {Origin.DEMO}
# What may be another ticket of the same person that wants an answer.
_OPENING = (
    events.TicketOpened,
    events.StatusChanged,
    events.TicketRestored,
    events.TicketUnmarkedSpam,
    events.TicketUnmerged,
)
# These move no version of the ticket: whoever shows it must look.
_UNVERSIONED = (events.MessageDeliveryChanged, events.TicketFollowed, events.TicketUnfollowed)


def wire() -> None:
    register_carried("workspace.ScriptRun", Q(finished_at__isnull=True))
    register_topic("inbox", may_see_inbox, beat=ROWS_GATHER, may_name=sees_all, draw=draw_rows)
    register_topic("mine", is_own, may_name=sees_all, draw=draw_rows)
    register_topic("counts", may_see_counts, interval=COUNTS_EVERY)
    for heard in _HEARD:
        on(heard, name="workspace.publish", phase=Phase.NOTIFY, origins=_ORIGINS)(tell_pages)


def tell_pages(row: EventRow) -> None:
    """Every list: which lists a ticket is in only their reader knows. The ticket's own pages hear
    of new versions from its room, here of what moves no version."""
    if row.ticket_id is None:
        return
    if isinstance(row.event, ReminderDue):
        publish(f"ticket:{row.ticket_id}", None, row.pk)
        _tell_lists(row)
    elif isinstance(row.event, _UNVERSIONED):
        publish(f"ticket:{row.ticket_id}", None, row.pk)
    else:
        _tell_lists(row)


def _tell_lists(row: EventRow) -> None:
    """Of most changes only one agent's own list shows anything; the others are spared asking. Of
    what moves nothing, only pages that show the ticket are concerned, and the counts of views."""
    moves = not isinstance(row.event, _STILL)
    requester, own = next(iter(_people_of(row.ticket_id or 0)), (None, None))
    owners = {own}
    if isinstance(row.event, events.TicketAssigned):
        agents = Agent.objects.filter(pk__in=[pk for pk in (row.event.old, row.event.new) if pk])
        owners.update(agents.values_list("person_id", flat=True))
    topics = ["inbox:all", "counts:views", *(f"mine:{pk}" for pk in owners if pk)]
    if moves:
        topics.append("counts:all")
    if isinstance(row.event, _OPENING) and requester:
        topics.append(f"{TALKS}:{requester}")
    publish_all(topics, None, row.pk, about=row.ticket_id, moves=moves)


@spelt_once
def _people_of(ticket_id: int) -> Iterable[tuple[int, int | None]]:
    rows = Ticket.objects.filter(pk=ticket_id)
    return rows.values_list("requester_id", "assignee__person_id")


def list_topic(actor: Actor, query: str) -> str:
    """What the list of an address has to hear of: one's own tickets, or all of them."""
    is_mine = query == "list=mine" and actor.person_id is not None
    return f"mine:{actor.person_id}" if is_mine else "inbox:all"


def is_own(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident == str(actor.person_id)


def may_see_inbox(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident == "all"


def may_see_counts(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident in ("all", "views")
