"""Whose talk it is after tickets were merged.

A merge moves threads, with all their messages, into another ticket; each keeps its *home*, the
ticket it came from. Who may read a thread, which number its letters carry and whom it belongs to
is decided by its home, so a merge across customers shows nobody what they did not see before.
Staff works where the thread is now.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from django.db.models import Q, QuerySet

from otklik.core.access import Actor, ActorKind
from otklik.tickets.models import Audience, Message, Thread, Ticket


def home_of(thread: Thread) -> Ticket:
    return thread.came_from or thread.ticket


def current_ticket(ticket: Ticket) -> Ticket:
    """Where the work on it goes on: itself, or what it was merged into."""
    return ticket.merged_into or ticket


def threads_of(ticket_id: int) -> QuerySet[Thread]:
    """Those whose home this ticket is, wherever they are."""
    own = Q(ticket=ticket_id, came_from__isnull=True)
    return Thread.objects.filter(own | Q(came_from=ticket_id))


def main_thread(ticket: Ticket) -> Thread:
    """The talk with its requester, the first of its threads. Raises LookupError for a ticket
    without any."""
    elsewhere = Q(came_from=ticket.pk) & ~Q(audience=Audience.STAFF)
    rows = Thread.objects.filter(Q(ticket=ticket.pk, is_main=True) | elsewhere)
    found = rows.select_related("ticket__status", "came_from").order_by("pk").first()
    if found is None:
        raise LookupError(f"no thread of ticket {ticket.pk}")
    return found


def messages_of(ticket_id: int) -> QuerySet[Message]:
    """What was said in its own threads, wherever they are now."""
    own = Q(ticket=ticket_id, thread__came_from__isnull=True)
    return Message.objects.filter(own | Q(thread__came_from=ticket_id))


def readable_by_customer(actor: Actor) -> QuerySet[Message]:
    """Public messages of threads at home in tickets that this customer sees."""
    seen = Ticket.objects.visible_to(actor).values("pk")
    at_home = Q(thread__came_from__isnull=True, ticket__in=seen)
    rows = Message.objects.filter(at_home | Q(thread__came_from__in=seen))
    rows = rows.filter(kind="public", is_hidden=False)
    return rows.exclude(thread__audience=Audience.STAFF)


def messages_for(actor: Actor, ticket: Ticket) -> QuerySet[Message]:
    """What this one may read of a ticket. A customer, of a merged one its own talk, and of one
    that others were merged into the talks that are theirs."""
    if actor.is_staff:
        return Message.objects.filter(ticket=ticket.pk)
    is_merged = ticket.merged_into_id is not None
    here = Q(thread__came_from=ticket.pk) if is_merged else Q(ticket=ticket.pk)
    return readable_by_customer(actor).filter(here)


def let_in(actor: Actor, thread: Thread) -> Actor:
    """A customer who writes into their own thread, wherever it is now: seen by its home."""
    if actor.kind is not ActorKind.CUSTOMER or thread.came_from_id is None:
        return actor
    is_theirs = Ticket.objects.visible_to(actor).filter(pk=thread.came_from_id).exists()
    return replace(actor, is_let_in=True) if is_theirs else actor


def show_to_customer(actor: Actor, tickets: Sequence[Ticket]) -> None:
    """Make tickets in memory tell a customer what is theirs to know; nothing of it is saved.

    One that was merged stands where its target stands. One that others were merged into shows
    first words and times of its own talk alone.
    """
    from otklik.tickets.columns import compute_columns

    for ticket in tickets:
        if ticket.merged_into_id is not None:
            _stand_where_it_is_worked(ticket)
    own = [ticket.pk for ticket in tickets if ticket.merged_into_id is None]
    merged = Ticket.objects.filter(merged_into__in=own) if own else Ticket.objects.none()
    foreign = merged.exclude(pk__in=Ticket.objects.visible_to(actor).values("pk"))
    holding = set(foreign.values_list("merged_into_id", flat=True)) if own else set()
    for ticket in tickets:
        if ticket.pk in holding:
            values = compute_columns(ticket, rows=messages_of(ticket.pk))
            for name, value in values.items():
                setattr(ticket, name, value)


def _stand_where_it_is_worked(ticket: Ticket) -> None:
    target = ticket.merged_into
    assert target is not None
    ticket.status, ticket.status_kind = target.status, target.status_kind
    ticket.solved_at, ticket.closed_at = target.solved_at, target.closed_at
    ticket.assignee, ticket.trashed_at = target.assignee, target.trashed_at
