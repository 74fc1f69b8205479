"""Tickets for the tests of every room, opened through the write doors."""

from __future__ import annotations

from typing import Any

from otklik.core.access import SYSTEM, Actor
from otklik.desk.models import Account
from otklik.desk.tests.factories import make_default_brand
from otklik.people.models import Identity, Person
from otklik.tickets.actions import Opened, open_ticket, receive_message
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.models import Message, Ticket


def make_ticket(
    requester: Person,
    subject: str = "The machine does not heat water",
    text: str = "The pump works, the water stays cold. Error E-07.",
    *,
    account: Account | None = None,
    actor: Actor = SYSTEM,
    **details: Any,
) -> Ticket:
    return open_for(requester, subject, text, account=account, actor=actor, **details).ticket


def open_for(
    requester: Person,
    subject: str = "The machine does not heat water",
    text: str = "The pump works, the water stays cold. Error E-07.",
    *,
    account: Account | None = None,
    actor: Actor = SYSTEM,
    **details: Any,
) -> Opened:
    """As it comes in by mail, from the requester's own address."""
    details.setdefault("brand", account.brand if account else make_default_brand())
    details.setdefault("channel", "email")
    details.setdefault("identity", identity_of(requester))
    return open_ticket(
        actor,
        subject=subject,
        words=written_by_hand(text=text),
        requester=requester,
        account=account,
        **details,
    )


def identity_of(person: Person) -> Identity:
    return Identity.objects.select_related("person").filter(person=person).order_by("pk")[0]


def customer_writes(ticket: Ticket, text: str = "Any news?", **details: Any) -> Message:
    """The requester's next message in the main thread."""
    return receive_message(
        SYSTEM,
        ticket.threads.get(is_main=True),
        words=written_by_hand(text=text),
        author=ticket.requester,
        identity=ticket.requester_identity,
        **details,
    )
