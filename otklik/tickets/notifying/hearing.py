"""What happens to tickets, heard a batch at a time, turned into who is to be told of it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Max

from otklik.core.access import ActorKind
from otklik.core.db.spelling import spelt_once
from otklik.core.events import Phase, name_of, on
from otklik.core.events.models import EventRow
from otklik.notify.sight import tell_out_of_sight
from otklik.notify.telling import Wish, notify_many
from otklik.notify.wanting import Table, read_table
from otklik.tickets import events
from otklik.tickets.later_events import ReminderDue
from otklik.tickets.models import Follower, Message, StatusKind, Ticket
from otklik.tickets.notifying import topics
from otklik.tickets.notifying.showing import KIND

_PEOPLE = (ActorKind.AGENT.value, ActorKind.CUSTOMER.value)
_FINISHED = (StatusKind.SOLVED, StatusKind.CLOSED)

# Whoever the person of these events is, they wrote what happened.
_WRITTEN = ("ticket.opened", "message.received", "side.received")

_ASSIGNED, _OPENED = name_of(events.TicketAssigned), name_of(events.TicketOpened)
_DELIVERY = name_of(events.MessageDeliveryChanged)
_TRASHED, _RESTORED = name_of(events.TicketTrashed), name_of(events.TicketRestored)

# A machine's answer to a letter of ours is no news, and a letter about it would be answered again.
_ECHOES = ("auto_reply", "bounce", "own")

# (person id, topic, message id or None)
Told = Iterator[tuple[int, str, int | None]]


@dataclass(frozen=True, slots=True)
class Known:
    """Of one ticket, as it is now: persons' ids."""

    assignee: int | None
    team_id: int | None
    followers: tuple[int, ...]
    is_spam: bool

    @property
    def readers(self) -> tuple[int, ...]:
        """Whose ticket it is, and who follows it."""
        return tuple(dict.fromkeys((*((self.assignee,) if self.assignee else ()), *self.followers)))


@dataclass(frozen=True, slots=True)
class Heard:
    """What is asked once for all events of a batch: the newest event by which each ticket was
    assigned, and who wrote messages that were not delivered."""

    table: Table
    assigned: Mapping[int, int]
    authors: Mapping[int, int | None]


def wire() -> None:
    for model in _HEARD:
        on(model, name="tickets.notify", phase=Phase.NOTIFY, gathers=True)(hear)
    for seen in (events.TicketTrashed, events.TicketRestored):
        on(seen, name="tickets.notify_sight", phase=Phase.NOTIFY, gathers=True)(hear_sight)


def hear(rows: Sequence[EventRow]) -> None:
    """Idempotent by event; the same few questions for one row and for fifty."""
    table = read_table()
    if not table.hearers:
        return
    known = _read_known({row.ticket_id for row in rows if row.ticket_id}, table)
    heard = Heard(table, _assigned_since(rows, known), _authors(rows))
    wishes: list[Wish] = []
    for row in rows:
        ticket = known.get(row.ticket_id or 0)
        if ticket is not None and not ticket.is_spam:
            wishes += _wishes(row, ticket, heard)
    notify_many(wishes)


def hear_sight(rows: Sequence[EventRow]) -> None:
    """What lies in the trash is in no bell at once, and in it again when it is restored."""
    for is_gone in (True, False):
        names = (_TRASHED,) if is_gone else (_RESTORED,)
        ids = {row.ticket_id for row in rows if row.name in names and row.ticket_id}
        if ids:
            tell_out_of_sight(KIND, ids, are_gone=is_gone)


def _wishes(row: EventRow, ticket: Known, heard: Heard) -> Iterator[Wish]:
    actor = acting_person(row)
    for person_id, topic, message_id in _ASK[row.name](row, ticket, heard):
        yield Wish(
            person_id=person_id,
            topic=topic,
            thing_kind=KIND,
            thing_id=row.ticket_id or 0,
            event_id=row.pk,
            part_id=message_id,
            actor_id=actor,
        )


def acting_person(row: EventRow) -> int | None:
    """The person behind an event: who did it, for whom a program did it, who wrote it."""
    if row.actor_kind in _PEOPLE:
        return row.actor_id
    return row.on_behalf_of or (row.person_id if row.name in _WRITTEN else None)


def _opened(row: EventRow, ticket: Known, heard: Heard) -> Told:
    message_id = row.data.get("message_id")
    if ticket.assignee is not None:
        # Assigned since, it has an event of its own; opened for somebody, it has none.
        if heard.assigned.get(row.ticket_id or 0, 0) < row.pk:
            yield ticket.assignee, topics.ASSIGNED, message_id
    elif ticket.team_id is not None:
        for person_id in heard.table.members.get(ticket.team_id, ()):
            yield person_id, topics.NEW_IN_TEAM, message_id
    else:
        for person_id in heard.table.who_want(topics.NEW_UNASSIGNED):
            yield person_id, topics.NEW_UNASSIGNED, message_id


def _received(row: EventRow, ticket: Known, _heard: Heard) -> Told:
    if row.data.get("automation") in _ECHOES:
        return
    message_id = row.data.get("message_id")
    if ticket.assignee is not None:
        yield ticket.assignee, topics.ANSWERED, message_id
    for person_id in ticket.followers:
        yield person_id, topics.FOLLOWED, message_id


def _replied(row: EventRow, ticket: Known, _heard: Heard) -> Told:
    if not row.data.get("is_automatic"):
        for person_id in ticket.readers:
            yield person_id, topics.REPLIED, row.data.get("message_id")


def _noted(row: EventRow, ticket: Known, _heard: Heard) -> Told:
    for person_id in ticket.readers:
        yield person_id, topics.NOTED, row.data.get("message_id")


def _mentioned(row: EventRow, _ticket: Known, _heard: Heard) -> Told:
    for person_id in row.data.get("person_ids") or ():
        yield person_id, topics.MENTIONED, row.data.get("message_id")


def _assigned(row: EventRow, _ticket: Known, heard: Heard) -> Told:
    person_id = heard.table.persons.get(row.data.get("new") or 0)
    if person_id is not None:
        yield person_id, topics.ASSIGNED, None


def _transferred(row: EventRow, ticket: Known, heard: Heard) -> Told:
    if ticket.assignee is None:
        for person_id in heard.table.members.get(row.data.get("new") or 0, ()):
            yield person_id, topics.NEW_IN_TEAM, None


def _status(row: EventRow, ticket: Known, heard: Heard) -> Told:
    old, new = row.data.get("old_kind"), row.data.get("new_kind")
    if old not in _FINISHED or new in _FINISHED:
        return
    # Their answer reopened it: who is told of the answer need not be told twice.
    by_answer = row.data.get("reason") == "customer_reply"
    for person_id in ticket.readers:
        answer = topics.ANSWERED if person_id == ticket.assignee else topics.FOLLOWED
        if not (by_answer and heard.table.ways(person_id, answer).is_any):
            yield person_id, topics.REOPENED, None


def _to_person(topic: str) -> Callable[[EventRow, Known, Heard], Told]:
    """Of an event that is about one person, that one."""

    def ask(row: EventRow, _ticket: Known, _heard: Heard) -> Told:
        if row.person_id is not None:
            yield row.person_id, topic, None

    return ask


def _woken(row: EventRow, ticket: Known, _heard: Heard) -> Told:
    # By an answer or by hand: told otherwise, or known.
    if row.data.get("reason") == "due" and ticket.assignee is not None:
        yield ticket.assignee, topics.WOKEN, None


def _failed(row: EventRow, _ticket: Known, heard: Heard) -> Told:
    if row.data.get("new") != "failed" or row.data.get("old") == "failed":
        return
    message_id = row.data.get("message_id") or 0
    author = heard.authors.get(message_id)
    if author is not None and author in heard.table.hearers:
        yield author, topics.FAILED, message_id


_HEARD: dict[type, Callable[[EventRow, Known, Heard], Told]] = {
    events.TicketOpened: _opened,
    events.MessageReceived: _received,
    events.TicketReplied: _replied,
    events.NoteAdded: _noted,
    events.TicketAssigned: _assigned,
    events.TicketTransferred: _transferred,
    events.StatusChanged: _status,
    events.MessageDeliveryChanged: _failed,
    events.TicketWoken: _woken,
    ReminderDue: _to_person(topics.REMINDED),
    events.PeopleMentioned: _mentioned,
}
_ASK = {name_of(model): ask for model, ask in _HEARD.items()}


def _assigned_since(rows: Sequence[EventRow], known: Mapping[int, Known]) -> dict[int, int]:
    opened = {row.ticket_id for row in rows if row.name == _OPENED and row.ticket_id}
    ids = sorted(pk for pk in opened if pk in known and known[pk].assignee is not None)
    if not ids:
        return {}
    found = EventRow.objects.filter(ticket_id__in=ids, name=_ASSIGNED).order_by()
    return dict(found.values_list("ticket_id").annotate(newest=Max("pk")))


def _authors(rows: Sequence[EventRow]) -> dict[int, int | None]:
    ids = {row.data.get("message_id") or 0 for row in rows if row.name == _DELIVERY}
    if not ids:
        return {}
    written = Message.objects.filter(pk__in=ids, is_automatic=False)
    return dict(written.values_list("pk", "author_id"))


def _read_known(ids: Iterable[int], table: Table) -> dict[int, Known]:
    wanted = tuple(sorted(ids))
    if not wanted:
        return {}
    followers: dict[int, list[int]] = defaultdict(list)
    for ticket_id, person_id in _followers(wanted):
        followers[ticket_id].append(person_id)
    return {
        pk: Known(
            assignee=table.persons.get(assignee_id or 0),
            team_id=team_id,
            followers=tuple(followers[pk]),
            is_spam=spam_at is not None,
        )
        for pk, assignee_id, team_id, spam_at in _tickets(wanted)
    }


@spelt_once
def _tickets(ids: tuple[int, ...]) -> Iterable[tuple[Any, ...]]:
    rows = Ticket.objects.filter(pk__in=ids, trashed_at__isnull=True)
    return rows.values_list("pk", "assignee_id", "team_id", "spam_at")


@spelt_once
def _followers(ids: tuple[int, ...]) -> Iterable[tuple[int, int]]:
    return Follower.objects.filter(ticket__in=ids).values_list("ticket_id", "person_id")
