"""What tickets does by itself: statuses after a migration, closing by schedule, old uploads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.apps import apps
from django.db import DatabaseError
from django.db.models.signals import post_migrate

from otklik.core.access import SYSTEM, ActorKind, Origin
from otklik.core.db import write
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.core.hooks.program import register_rebuild
from otklik.people.models import Agent
from otklik.people.seen import note_seen, seen_in
from otklik.tickets import (
    erasing,
    exporting,
    live,
    merging,
    people_conditions,
    permissions,
    purging,
    tasks,
    undo,
)
from otklik.tickets.actions import carrying, guests, wake_ticket
from otklik.tickets.actions.checklists import add_checklist
from otklik.tickets.actions.releasing import hold_crossed
from otklik.tickets.checklists import list_automatic, list_templates
from otklik.tickets.doors import ensure_statuses
from otklik.tickets.events import (
    MessageReceived,
    StatusChanged,
    TicketAssigned,
    TicketOpened,
    TicketReplied,
)
from otklik.tickets.linked import close_duplicates
from otklik.tickets.models import Ticket
from otklik.tickets.sending_events import SideMessageReceived, SideMessageSent

_SEEN = (Origin.LIVE, Origin.IMPORT)


def wire() -> None:
    permissions.register()
    tasks.wire()
    purging.register_settings()
    erasing.wire()
    exporting.wire()
    live.wire()
    merging.wire()
    carrying.wire()
    people_conditions.wire()
    on(StatusChanged, name="tickets.close_duplicates", phase=Phase.RULES)(close_duplicates)
    for written in (TicketOpened, MessageReceived):
        on(written, name="tickets.seen", phase=Phase.NOTIFY, origins=_SEEN, gathers=True)(
            _note_seen
        )
    on(TicketAssigned, name="tickets.wake_for_another", in_transaction=True)(_wake_for_another)
    guests.register_settings()
    for said in (MessageReceived, TicketReplied, SideMessageReceived, SideMessageSent):
        on(said, name="tickets.hold_crossed", phase=Phase.NOTIFY)(_hold_crossed)
    register_rebuild("tickets", tasks.rebuild_tickets)
    undo.wire()
    on(TicketOpened, name="tickets.add_checklists", in_transaction=True)(_add_checklists)
    post_migrate.connect(
        _after_migrate, sender=apps.get_app_config("tickets"), dispatch_uid="tickets.statuses"
    )


def _wake_for_another(row: EventRow) -> None:
    """Who is given a ticket sees it, whoever had put it off."""
    assigned = row.event
    if not isinstance(assigned, TicketAssigned) or assigned.new is None:
        return
    is_put_off = Ticket.objects.filter(pk=assigned.ticket_id, snoozed_until__isnull=False)
    if row.operation_id is None or not is_put_off.exists():
        return
    given_to = Agent.objects.filter(pk=assigned.new).values_list("person_id", flat=True).first()
    if given_to != row.actor_id:
        wake_ticket(SYSTEM.within(row.operation_id), assigned.ticket_id, reason="assigned")


def _hold_crossed(row: EventRow) -> None:
    if row.ticket_id is not None:
        hold_crossed(row.ticket_id)


def _note_seen(rows: Sequence[EventRow]) -> None:
    """Customers are here when they write; who is written about by staff is not."""
    note_seen(seen_in([row for row in rows if row.actor_kind == ActorKind.CUSTOMER]))


def _add_checklists(row: EventRow) -> None:
    """What templates say belongs to every such ticket."""
    if not any(each.is_automatic for each in list_templates()):
        return
    ticket = Ticket.objects.get(pk=row.ticket_id or 0)
    for template in list_automatic(ticket):
        add_checklist(SYSTEM, ticket, template)


def _after_migrate(**kwargs: Any) -> None:
    try:
        with write():
            ensure_statuses()
    except DatabaseError:
        # A migration to a state before the table: the next complete one adds the rows.
        return
