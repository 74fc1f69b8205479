"""Opening a ticket."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.db.rows import insert_linked
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.core.fields.queries import defaults_of
from otklik.core.fields.values import index_new
from otklik.desk.models import Account, Brand
from otklik.people.models import Agent, Identity, Person, Team
from otklik.tickets.actions.words import body_of, keep_files, new_message
from otklik.tickets.columns import apply_columns
from otklik.tickets.contract import Words
from otklik.tickets.doors import default_status, next_number
from otklik.tickets.events import TicketOpened
from otklik.tickets.homes import main_thread, messages_of
from otklik.tickets.live import tell_changed
from otklik.tickets.models import (
    Audience,
    Category,
    Direction,
    Kind,
    Message,
    Participant,
    ParticipantRole,
    Priority,
    StatusKind,
    Thread,
    Ticket,
    TicketLink,
)


@dataclass(frozen=True, slots=True)
class Opened:
    ticket: Ticket
    thread: Thread
    message: Message
    is_known: bool = False  # it was there already, under its key


@action
def open_ticket(
    actor: Actor,
    *,
    subject: str,
    words: Words,
    requester: Person,
    identity: Identity | None,
    brand: Brand,
    channel: str,
    account: Account | None = None,
    team: Team | None = None,
    assignee: Agent | None = None,
    kind: str = Kind.QUESTION,
    priority: int = Priority.NORMAL,
    category: Category | None = None,
    language: str = "",
    author: Person | None = None,
    author_kind: str = "customer",
    direction: str = Direction.IN,
    automation: str = "human",
    external_id: str = "",
    follow_up_of: Ticket | None = None,
    sent_at: datetime | None = None,
    occurred_at: datetime | None = None,
    client_key: UUID | None = None,
    custom: Mapping[str, Any] | None = None,
) -> Opened:
    """Register a request. ``author`` is who wrote the first message, the requester by default.

    ``custom``: all that is in its fields, as `core.fields.asking.judge_opening` found it; None
    where nobody was asked. The same ``client_key`` twice gives the same ticket. Raises Invalid for
    no words at all, unless they came as a letter: somebody did write, even if nothing.
    """
    if client_key is not None:
        for known in _under_key(client_key):
            return _as_opened(known)
    if not (subject.strip() or words.text.strip() or words.files or words.raw):
        raise Invalid(_("Write what it is about."), fields={"text": _("Nothing is written yet.")})
    when = occurred_at or timezone.now()
    ticket = Ticket(
        number=next_number(),
        subject=" ".join(subject.split())[:300] or _first_line(words),
        status=default_status(StatusKind.NEW),
        kind=kind,
        priority=priority,
        brand=brand,
        team=team,
        assignee=assignee,
        requester=requester,
        requester_identity=identity,
        organisation_id=requester.organisation_id,
        category=category,
        language=language or requester.language,
        account=account,
        follow_up_of=follow_up_of,
        origin=actor.origin.value,
        client_key=client_key,
        created_at=when,
        last_message_at=when,
        custom=dict(defaults_of("ticket") if custom is None else custom) or None,
    )
    thread = Thread(
        account=account,
        channel=channel,
        audience=Audience.MEMBERS,
        subject=words.subject[:300] or ticket.subject,
    )
    message = new_message(
        thread,
        direction=direction,
        author=author or requester,
        author_kind=author_kind,
        author_identity=identity if author is None else None,
        automation=automation,
        external_id=external_id,
        sent_at=sent_at,
        created_at=when,
    )
    apply_columns(ticket, message, words)
    _store(ticket, thread, identity, message, words)
    index_new("ticket", ticket.pk, ticket.custom)
    if follow_up_of is not None:
        TicketLink.objects.create(ticket=ticket, other=follow_up_of, kind="follow_up")
    tell_changed(ticket.pk, ticket.version)
    record(
        actor,
        TicketOpened(
            ticket_id=ticket.pk,
            brand_id=brand.pk,
            person_id=requester.pk,
            message_id=message.pk,
            channel=channel,
            account_id=account.pk if account else None,
            follow_up_of=follow_up_of.pk if follow_up_of else None,
            automation=automation,
        ),
        occurred_at=occurred_at,
    )
    return Opened(ticket, thread, message)


@spelt_once
def _under_key(client_key: UUID) -> QuerySet[Ticket]:
    return Ticket.objects.filter(client_key=client_key)


def _store(
    ticket: Ticket, thread: Thread, identity: Identity | None, message: Message, words: Words
) -> None:
    requester = Participant(identity=identity, role=ParticipantRole.REQUESTER, is_confirmed=True)
    insert_linked(
        (ticket, {}),
        (thread, {"ticket": ticket}),
        *([(requester, {"thread": thread})] if identity is not None else []),
        (message, {"ticket": ticket, "thread": thread}),
        (body_of(words), {"message": message}),
    )
    keep_files(message, words)


def _as_opened(ticket: Ticket) -> Opened:
    # Wherever its talk is by now: it may have been merged since.
    thread = main_thread(ticket)
    message = messages_of(ticket.pk).order_by("id").first()
    assert message is not None
    return Opened(ticket, thread, message, is_known=True)


def _first_line(words: Words) -> str:
    line = " ".join(words.text.strip().split("\n", 1)[0].split())
    if line:
        return line if len(line) <= 80 else line[:79].rstrip() + "…"
    return words.files[0].name[:300] if words.files else ""
