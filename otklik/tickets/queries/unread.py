"""What of some tickets a person has not read yet."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Max

from otklik.core.access import Actor
from otklik.core.db.spelling import in_steps, spelt_once
from otklik.tickets.models import Message, ReadMark, Ticket


def find_unread(actor: Actor, tickets: Iterable[Ticket]) -> frozenset[int]:
    """Which of these hold a customer's message this person has not read."""
    asked = in_steps(row.pk for row in tickets if may_be_unread(row))
    if not asked or actor.person_id is None:
        return frozenset()
    read = dict(_read_marks(actor.person_id, asked))
    unread = {pk for pk in asked if pk not in read}
    if read:
        newest = _newest_incoming(in_steps(read))
        unread.update(pk for pk, message_id in newest if message_id > read[pk])
    return frozenset(unread)


@spelt_once
def _read_marks(person_id: int, ticket_ids: tuple[int, ...]) -> Iterable[tuple[int, int]]:
    marks = ReadMark.objects.filter(person_id=person_id, ticket_id__in=ticket_ids)
    return marks.values_list("ticket_id", "message_id")


@spelt_once
def _newest_incoming(ticket_ids: tuple[int, ...]) -> Iterable[tuple[int, int]]:
    incoming = Message.objects.filter(ticket_id__in=ticket_ids, direction="in").order_by()
    newest = incoming.values("ticket_id").annotate(newest=Max("id"))
    return newest.values_list("ticket_id", "newest")


def may_be_unread(ticket: Ticket) -> bool:
    """Whether it is anybody's to read: the customer spoke last."""
    return ticket.last_message_by == "customer" and ticket.is_unfinished
