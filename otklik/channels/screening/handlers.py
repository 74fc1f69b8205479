"""Screening hears of new tickets, and of what agents make of them."""

from __future__ import annotations

from django.db.models import QuerySet

from otklik.channels.models import SpamLesson
from otklik.channels.screening.by_words import look_at_words
from otklik.channels.screening.judging import judge_ticket
from otklik.channels.screening.lessons import count_letters, learn_spam
from otklik.channels.screening.screeners import register_screener
from otklik.core.access import ActorKind
from otklik.core.db import write
from otklik.core.db.spelling import spelt_once
from otklik.core.events import Phase, on
from otklik.core.events.models import EventRow
from otklik.tickets.events import (
    TicketMarkedSpam,
    TicketOpened,
    TicketReplied,
    TicketUnmarkedSpam,
)
from otklik.tickets.models import MessageBody, Ticket

# Replies teach what letters look like, as long as there is much to learn.
_ENOUGH = 300
_PEOPLE = (ActorKind.AGENT.value, ActorKind.TOKEN.value)


def wire() -> None:
    register_screener("words", look_at_words)
    on(TicketOpened, name="channels.screen", phase=Phase.CLASSIFY)(screen)
    on(TicketMarkedSpam, name="channels.learn_spam", phase=Phase.NOTIFY)(learn_from_mark)
    on(TicketUnmarkedSpam, name="channels.learn_no_spam", phase=Phase.NOTIFY)(learn_from_mark)
    on(TicketReplied, name="channels.learn_from_reply", phase=Phase.NOTIFY)(learn_from_reply)


def screen(row: EventRow) -> None:
    """Before any rule and before the acknowledgement."""
    opened: TicketOpened = row.event
    if row.actor_kind != ActorKind.CUSTOMER.value or opened.channel != "email":
        return
    for body in _judged(opened.message_id):
        if body.message.ticket.spam_at is None:
            judge_ticket(body.message.ticket, body.message)


@spelt_once
def _judged(message_id: int | None) -> QuerySet[MessageBody]:
    along = ("message__ticket", "message__author_identity")
    return MessageBody.objects.select_related(*along).filter(message=message_id)


def learn_from_mark(row: EventRow) -> None:
    """An agent's mark teaches; the desk's own verdict would only teach it itself."""
    if row.actor_kind in _PEOPLE and row.ticket_id is not None:
        with write():
            learn_spam.enqueue(ticket_id=row.ticket_id)


def learn_from_reply(row: EventRow) -> None:
    """What an agent answers is no spam."""
    replied: TicketReplied = row.event
    if replied.is_automatic or row.actor_kind not in _PEOPLE:
        return
    if SpamLesson.objects.filter(ticket_id=replied.ticket_id).exists():
        return
    ticket = Ticket.objects.filter(pk=replied.ticket_id, spam_at__isnull=True).first()
    if ticket is None:
        return
    letters = count_letters()
    if letters.other < max(_ENOUGH, 5 * letters.spam):
        with write():
            learn_spam.enqueue(ticket_id=ticket.pk)
