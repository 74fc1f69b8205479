"""Whom an answer goes to unless the agent says otherwise, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q, QuerySet

from otklik.core.db.spelling import spelt_once
from otklik.desk.accounts import own_addresses
from otklik.people.models import Identity
from otklik.tickets.models import (
    Audience,
    Direction,
    Message,
    MessageBody,
    Participant,
    ParticipantRole,
    Thread,
    Ticket,
)

MOST = 250


@dataclass(frozen=True, slots=True)
class Proposal:
    """``held_back`` are named on letters but let in by nobody. ``asked`` are addresses that the
    last letter wants answers at (Reply-To) and that are not let in: an agent decides."""

    to: list[Identity] = field(default_factory=list)
    cc: list[Identity] = field(default_factory=list)
    held_back: list[Participant] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)


@spelt_once
def list_participants(ticket_id: int) -> QuerySet[Participant]:
    """Who takes part in the talks with customers, by id, with their people: after a merge there
    are several such talks."""
    is_talk = Q(thread__is_main=True) | Q(thread__came_from__isnull=False)
    rows = Participant.objects.filter(is_talk, thread__ticket=ticket_id)
    rows = rows.exclude(thread__audience=Audience.STAFF)
    return rows.select_related("identity__person", "thread").order_by("id")[:MOST]


def thread_for(ticket: Ticket, to: Sequence[Identity] = ()) -> Thread:
    """The talk in which a reply to these is said: with several merged into one ticket, the one
    that all of them take part in, else the main one. Without names, the one written in last."""
    threads = list(_talks(ticket.pk))
    main = next(thread for thread in threads if thread.is_main)
    if len(threads) == 1:
        return main
    members: dict[int, set[int]] = {thread.pk: set() for thread in threads}
    for row in Participant.objects.filter(thread__in=threads, is_confirmed=True):
        members[row.thread_id].add(row.identity_id)
    wanted = {identity.pk for identity in to}
    fitting = [thread for thread in threads if wanted <= members[thread.pk]]
    last = Message.objects.filter(
        thread__in=fitting, direction=Direction.IN, is_hidden=False, automation__in=("", "human")
    )
    thread_id = last.order_by("-id").values_list("thread_id", flat=True).first()
    return next((thread for thread in fitting if thread.pk == thread_id), main)


@spelt_once
def _talks(ticket_id: int) -> QuerySet[Thread]:
    rows = Thread.objects.filter(Q(is_main=True) | Q(came_from__isnull=False), ticket=ticket_id)
    rows = rows.exclude(audience=Audience.STAFF, is_main=False)
    return rows.select_related("came_from").order_by("pk")


def propose_recipients(
    ticket: Ticket, participants: Sequence[Participant] | None = None, *, kind: str = "email"
) -> Proposal:
    """The requester, in copy the confirmed others; never an address of ours. Of several talks in
    one ticket, those of the talk that was written in last.

    A Reply-To takes the requester's place when it belongs to somebody who was let in: it may come
    from a letter that the requester never wrote.
    """
    own = own_addresses()
    rows = list_participants(ticket.pk) if participants is None else list(participants)
    if any(row.thread.came_from_id for row in rows):
        talk = thread_for(ticket)
        rows = [row for row in rows if row.thread_id == talk.pk]
    known = [row for row in rows if row.identity.kind == kind and row.identity.value not in own]
    members = [row for row in known if row.is_confirmed]
    to = [row.identity for row in members if row.role == ParticipantRole.REQUESTER]
    cc = [row.identity for row in members if row.role == ParticipantRole.CC]
    wanted = [one for one in _reply_to(ticket, rows) if one not in own]
    instead = [one for one in cc if one.value in wanted]
    if instead:
        to, cc = instead, [one for one in cc if one not in instead]
    elif not to:
        to, cc = cc, []
    return Proposal(
        to=to,
        cc=cc,
        held_back=[row for row in known if not row.is_confirmed],
        asked=[one for one in wanted if one not in {row.value for row in (*to, *cc)}],
    )


def _reply_to(ticket: Ticket, rows: Sequence[Participant]) -> list[str]:
    """Reply-To of the requester's last letter, without the address they wrote from."""
    people = [row.identity.person_id for row in rows if row.role == ParticipantRole.REQUESTER]
    asked = people[0] if people else ticket.requester_id
    written = next(iter(_last_addresses(ticket.pk, asked)), None)
    if not written:
        return []
    sender = (written.get("from") or {}).get("address", "")
    found = [str(one.get("address", "")) for one in written.get("reply_to") or ()]
    return [] if sender in found else [one for one in found if one]


@spelt_once
def _last_addresses(ticket_id: int, author_id: int) -> Iterable[dict[str, Any]]:
    rows = Message.objects.filter(
        ticket=ticket_id,
        direction=Direction.IN.value,
        is_hidden=False,
        author_id=author_id,
        automation__in=("", "human"),
    )
    newest = rows.order_by("-id").values("pk")[:1]  # found before its body is read
    return MessageBody.objects.filter(message__in=newest).values_list("addresses", flat=True)
