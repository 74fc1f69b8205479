"""Tickets that belong together: related ones, duplicates, parts of a whole."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketLinked, TicketUnlinked
from otklik.tickets.models import Ticket, TicketLink

RELATED, DUPLICATE, CHILD = "related", "duplicate", "child"
KINDS = (RELATED, DUPLICATE, CHILD)
# What the other ticket is told it is.
OTHER_SIDE = {RELATED: RELATED, DUPLICATE: "original", CHILD: "parent"}
MOST = 200  # links of one ticket
DEEPEST = 10  # parts of parts


@action
def link_tickets(
    actor: Actor, ticket: Ticket, other: Ticket, kind: str, *, is_followed: bool = False
) -> None:
    """``ticket`` is related to, a duplicate of or a child of ``other``. Nothing happens twice.

    ``is_followed``: a duplicate is solved and closed with its original. Raises Invalid for a
    circle, for a second parent or original, and for a kind there is none of.
    """
    _require_kind(kind)
    if ticket.pk == other.pk:
        words = _("A ticket is not linked to itself.")
        raise Invalid(words, fields={"other": words})
    held = {pk: lock_ticket(actor, pk) for pk in sorted((ticket.pk, other.pk))}
    require(actor, permissions.CHANGE)
    ticket, other = held[ticket.pk], held[other.pk]
    known = _find(ticket, other, kind)
    if known is not None:
        return
    if TicketLink.objects.filter(ticket=ticket).count() >= MOST:
        raise Invalid(_("This ticket has as many links as it can."))
    if kind != RELATED:
        _require_tree(ticket, other, kind)
    operation = join(actor, "tickets.link")
    keep_link(ticket, other, kind, is_followed=is_followed and kind == DUPLICATE)
    journal(
        operation, ticket, f"link:{kind}:{other.pk}", None, read_link(ticket.pk, kind, other.pk)
    )
    _tell(actor.within(operation.pk), ticket, other, kind)


@action
def unlink_tickets(actor: Actor, ticket: Ticket, other: Ticket, kind: str) -> None:
    """Take a link away, whichever side it was made from for related ones. Raises Forbidden."""
    held = {pk: lock_ticket(actor, pk) for pk in sorted((ticket.pk, other.pk))}
    require(actor, permissions.CHANGE)
    ticket, other = held[ticket.pk], held[other.pk]
    row = _find(ticket, other, kind)
    if row is None:
        return
    ticket, other = held[row.ticket_id], held[row.other_id]
    operation = join(actor, "tickets.unlink")
    journal(operation, ticket, f"link:{kind}:{other.pk}", {"is_followed": row.is_followed}, None)
    row.delete()
    _tell_gone(actor.within(operation.pk), ticket, other, kind)


def read_link(ticket_id: int, kind: str, other_id: int) -> dict[str, Any] | None:
    row = TicketLink.objects.filter(ticket=ticket_id, other=other_id, kind=kind).first()
    return {"is_followed": row.is_followed} if row is not None else None


def restore_link(actor: Actor, ticket_id: int, field: str, value: dict[str, Any] | None) -> None:
    """Undo: ``field`` is "link:<kind>:<other>". Where the other is gone, nothing is put back."""
    _word, kind, other_id = field.split(":")
    other_row = Ticket.objects.filter(pk=int(other_id)).first()
    if other_row is None:
        return
    held = {pk: lock_ticket(actor, pk) for pk in sorted((ticket_id, other_row.pk))}
    ticket, other = held[ticket_id], held[other_row.pk]
    if value is None:
        TicketLink.objects.filter(ticket=ticket, other=other, kind=kind).delete()
        _tell_gone(actor, ticket, other, kind)
    else:
        keep_link(ticket, other, kind, is_followed=bool(value.get("is_followed")))
        _tell(actor, ticket, other, kind)


def keep_link(ticket: Ticket, other: Ticket, kind: str, *, is_followed: bool = False) -> None:
    TicketLink.objects.get_or_create(
        ticket=ticket, other=other, kind=kind, defaults={"is_followed": is_followed}
    )


def _find(ticket: Ticket, other: Ticket, kind: str) -> TicketLink | None:
    row = TicketLink.objects.filter(ticket=ticket, other=other, kind=kind).first()
    if row is None and kind not in (DUPLICATE, CHILD):
        return TicketLink.objects.filter(ticket=other, other=ticket, kind=kind).first()
    return row


def _require_kind(kind: str) -> None:
    if kind not in KINDS:
        words = _("There is no such kind of link.")
        raise Invalid(words, fields={"kind": words})


def _require_tree(ticket: Ticket, other: Ticket, kind: str) -> None:
    """One parent or original each, and no way round in a circle."""
    above = TicketLink.objects.filter(ticket=ticket, kind=kind).select_related("other").first()
    if above is not None:
        words = (
            _("№ %(number)d is a part of № %(other)d already.")
            if kind == CHILD
            else _("№ %(number)d is a duplicate of № %(other)d already.")
        )
        raise Conflict(words % {"number": ticket.number, "other": above.other.number})
    at: int | None = other.pk
    for _step in range(DEEPEST):
        at = TicketLink.objects.filter(ticket=at, kind=kind).values_list("other", flat=True).first()
        if at is None:
            return
        if at == ticket.pk:
            words = _("№ %(other)d hangs on № %(number)d already: this would be a circle.")
            known = {"number": ticket.number, "other": other.number}
            raise Invalid(words % known, fields={"other": words % known})
    raise Invalid(_("Links go %(count)d levels deep at most.") % {"count": DEEPEST})


def _tell(actor: Actor, ticket: Ticket, other: Ticket, kind: str) -> None:
    for one, two, word in ((ticket, other, kind), (other, ticket, OTHER_SIDE.get(kind, kind))):
        write_columns(one)
        record(actor, TicketLinked(ticket_id=one.pk, other_id=two.pk, kind=word))


def _tell_gone(actor: Actor, ticket: Ticket, other: Ticket, kind: str) -> None:
    for one, two, word in ((ticket, other, kind), (other, ticket, OTHER_SIDE.get(kind, kind))):
        write_columns(one)
        record(actor, TicketUnlinked(ticket_id=one.pk, other_id=two.pk, kind=word))
