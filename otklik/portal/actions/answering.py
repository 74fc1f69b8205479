"""What a requester does to their own request: answer, mark as solved, open it again."""

from __future__ import annotations

from dataclasses import replace

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.desk.models import Brand
from otklik.people.models import Person
from otklik.people.queries import find_present
from otklik.portal.accounts import CHANNEL, find_web_account
from otklik.portal.actions.requesting import Asked, spell_sender
from otklik.tickets import actions as tickets
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Words
from otklik.tickets.homes import main_thread
from otklik.tickets.models import StatusKind, Ticket


def answer_request(actor: Actor, ticket: Ticket, asked: Asked) -> Ticket:
    """Add the customer's words; to a closed request they open a linked one, which is returned.

    ``actor`` is the requester as a customer. The same key twice writes once. Raises Missing for a
    request that is not theirs, Invalid for no words at all.
    """
    words = written_by_hand(text=asked.text, files=asked.files)
    assert actor.person_id is not None
    person = find_present(Person.objects.get(pk=actor.person_id))
    if ticket.status_kind == StatusKind.CLOSED:
        return _follow_up(actor, ticket, asked, words, person)
    return _answer(actor, ticket, asked, words, person)


def solve_request(actor: Actor, ticket: Ticket, asked: Asked) -> Ticket:
    """Mark as solved, after the last words if there are any."""
    is_closed = ticket.status_kind == StatusKind.CLOSED  # refused below, with nothing written
    if (asked.text or asked.files) and not is_closed:
        answer_request(actor, ticket, asked)
    return tickets.solve_ticket(actor, ticket)


def reopen_request(actor: Actor, ticket: Ticket) -> Ticket:
    return tickets.reopen_ticket(actor, ticket)


@action
def _answer(actor: Actor, ticket: Ticket, asked: Asked, words: Words, person: Person) -> Ticket:
    tickets.receive_message(
        actor,
        main_thread(ticket),
        words=replace(words, addresses=spell_sender(ticket.requester_identity)),
        author=person,
        identity=ticket.requester_identity,
        channel=CHANNEL,
        client_key=asked.key,
    )
    return ticket


@action
def _follow_up(actor: Actor, ticket: Ticket, asked: Asked, words: Words, person: Person) -> Ticket:
    brand: Brand = ticket.brand
    opened = tickets.open_ticket(
        actor,
        subject=ticket.subject,
        words=replace(words, addresses=spell_sender(ticket.requester_identity)),
        requester=person,
        identity=ticket.requester_identity,
        brand=brand,
        channel=CHANNEL,
        account=find_web_account(brand),
        team=ticket.team,
        language=ticket.language,
        follow_up_of=ticket,
        client_key=asked.key,
    )
    return opened.ticket
