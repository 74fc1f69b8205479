"""Taking merges and splits back: threads, numbers and what the target gained."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Missing
from otklik.core.events.record import record
from otklik.core.operations.models import Change
from otklik.tickets.actions.carrying import (
    FIELD,
    SNOOZE,
    carry_rows,
    restore_field,
    restore_snooze,
)
from otklik.tickets.actions.merging import carry_threads, move_thread, place_of, tell_moved
from otklik.tickets.actions.snoozing import wake_ticket
from otklik.tickets.actions.status import change_status
from otklik.tickets.columns import rebuild_columns, write_columns
from otklik.tickets.doors import lock_ticket
from otklik.tickets.events import (
    MessagesMoved,
    TicketMerged,
    TicketReleased,
    TicketUnfollowed,
    TicketUnlinked,
    TicketUnmerged,
    TicketUntagged,
)
from otklik.tickets.homes import messages_of
from otklik.tickets.models import (
    FINISHED,
    Direction,
    Draft,
    Follower,
    Message,
    StatusKind,
    Thread,
    Ticket,
    TicketLink,
    TicketTag,
)

GAINED = "gained:"
MERGED = "merged_into_id"
SPLIT = "split:"


def demand_on_top(change: Change) -> None:
    """Raises Conflict in words when the thing was moved again since: undo that one first."""
    ticket_id = _ticket_now(change)
    expected = change.new if change.field == MERGED else (change.new or {}).get("ticket")
    if ticket_id is None or ticket_id == expected or expected is None:
        return
    numbers = dict(Ticket.objects.filter(pk__in=[ticket_id, expected]).values_list("pk", "number"))
    words = _("№ %(number)d was merged into № %(target)d afterwards. Undo that merge first.")
    known = {"number": numbers.get(expected, 0), "target": numbers.get(ticket_id, 0)}
    raise Conflict(words % known, code="merged_again", fields=known)


def _ticket_now(change: Change) -> int | None:
    if change.field == MERGED:
        merged = Ticket.objects.filter(pk=change.object_id)
        return merged.values_list("merged_into", flat=True).first()
    moved = Thread.objects.filter(pk=change.object_id)
    return moved.values_list("ticket", flat=True).first()


def read_place(thread_id: int, field: str) -> Any:
    """Raises LookupError when the thread is gone."""
    thread = Thread.objects.filter(pk=thread_id).first()
    if thread is None:
        raise LookupError(f"thread {thread_id}")
    return place_of(thread)


def restore_place(actor: Actor, thread_id: int, field: str, value: Any) -> None:
    """Put a thread back, with every message that is in it by now."""
    thread = Thread.objects.get(pk=thread_id)
    lock_ticket(actor, thread.ticket_id)
    thread.ticket_id, thread.is_main = value["ticket"], value["is_main"]
    thread.came_from_id = value["came_from"]
    move_thread(thread)


def restore_merged(actor: Actor, ticket_id: int, value: int | None) -> None:
    """The ticket stands for itself again, or in the one it was merged into before.

    A customer who wrote since, and whom nobody answered there, wants work: it is open again.
    """
    ticket = Ticket.objects.select_for_update(of=("self",)).get(pk=ticket_id)
    target_id = ticket.merged_into_id
    if not Ticket.objects.visible_to(actor).filter(pk=ticket_id).exists():
        raise Missing(_("There is no such ticket, or it is not yours to see."))
    since = ticket.merged_at
    Ticket.objects.filter(pk=ticket_id).update(
        merged_into=value, merged_at=since if value is not None else None
    )
    if target_id is None or value is not None:
        return
    tell_moved([ticket_id, target_id])
    record(actor, TicketUnmerged(ticket_id=ticket_id, target_id=target_id))
    record(actor, TicketReleased(ticket_id=target_id, source_id=ticket_id))
    last = messages_of(ticket_id).filter(kind="public", is_automatic=False, is_hidden=False)
    newest = last.order_by("-id").first()
    waits = newest is not None and newest.direction == Direction.IN
    is_quiet = ticket.status_kind in (*FINISHED, StatusKind.PENDING)
    if newest is None or not waits or since is None or newest.created_at <= since:
        return
    if ticket.snoozed_until is not None:
        wake_ticket(actor, ticket_id, reason="answer")
    if is_quiet:
        change_status(actor, ticket, StatusKind.OPEN, reason="customer_reply")
    rebuild_columns([ticket_id])


def demand_standing(ticket_id: int) -> None:
    """Raises Conflict when what was split off was merged since: undo that first."""
    ticket = Ticket.objects.select_related("merged_into").filter(pk=ticket_id).first()
    if ticket is not None and ticket.merged_into is not None:
        words = _("№ %(number)d was merged into № %(target)d afterwards. Undo that merge first.")
        known = {"number": ticket.number, "target": ticket.merged_into.number}
        raise Conflict(words % known, code="merged_again", fields=known)


def restore_message(actor: Actor, message_id: int, field: str, value: Any) -> None:
    """Into the thread it was moved out of, wherever that is by now."""
    thread = Thread.objects.filter(pk=value).first()
    if thread is None:
        raise Conflict(_("The ticket these messages came from is gone."))
    lock_ticket(actor, thread.ticket_id)
    Message.objects.filter(pk=message_id).update(thread=thread, ticket=thread.ticket_id)


def restore_split(actor: Actor, ticket_id: int, source_id: int) -> None:
    """The messages are back already. What was said in the new ticket since comes along as a thread
    of its own, and its number leads to where the rest is: numbers are never reused."""
    new = lock_ticket(actor, ticket_id)
    source = Ticket.objects.filter(pk=source_id).first()
    if source is None:
        raise Conflict(_("The ticket these messages came from is gone."))
    source = lock_ticket(actor, source.merged_into_id or source.pk)
    TicketLink.objects.filter(ticket=new, other=source_id, kind="split").delete()
    carry_threads(source, new)
    carry_rows(source, new)
    for ticket in (new, *Ticket.objects.filter(merged_into=new)):
        Ticket.objects.filter(pk=ticket.pk).update(
            merged_into=source, merged_at=ticket.merged_at or timezone.now()
        )
    tell_moved([new.pk, source.pk])
    record(actor, TicketMerged(ticket_id=new.pk, target_id=source.pk))
    count = Change.objects.filter(operation=actor.operation, model="tickets.Message").count()
    back = MessagesMoved(ticket_id=source.pk, other_id=new.pk, messages=count, is_back=True)
    record(actor, back)


def restore_gained(actor: Actor, ticket_id: int, field: str, value: Any) -> None:
    """Take back what the target got by the merge, where it still has it."""
    if field.startswith(FIELD):
        restore_field(actor, ticket_id, field)
        return
    if field.startswith(SNOOZE):
        restore_snooze(actor, ticket_id, field, value)
        return
    ticket = lock_ticket(actor, ticket_id)
    _prefix, what, ident = field.split(":")
    pk = int(ident)
    if what == "tag" and TicketTag.objects.filter(ticket=ticket, tag=pk).delete()[0]:
        record(actor, TicketUntagged(ticket_id=ticket_id, tag_id=pk))
        write_columns(ticket)
    if what == "follower" and Follower.objects.filter(ticket=ticket, person=pk).delete()[0]:
        record(actor, TicketUnfollowed(ticket_id=ticket_id, person_id=pk))
    if what == "link":
        row = TicketLink.objects.filter(Q(ticket=ticket) | Q(other=ticket), pk=pk).first()
        if row is not None:
            other = row.other_id if row.ticket_id == ticket_id else row.ticket_id
            row.delete()
            record(actor, TicketUnlinked(ticket_id=ticket_id, other_id=other, kind=row.kind))


def restore_draft(actor: Actor, draft_id: int, field: str, value: Any) -> None:
    """Unless it was sent, dropped, or its writer has another one there by now."""
    draft = Draft.objects.filter(pk=draft_id).first()
    if draft is None:
        return
    home = int(field.partition(":")[2])
    taken = Draft.objects.filter(ticket=home, author=draft.author_id, kind=draft.kind)
    if not taken.exists():
        Draft.objects.filter(pk=draft_id).update(ticket=home)
