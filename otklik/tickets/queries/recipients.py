"""Whom an answer goes to unless the agent says otherwise, and who is left out and why."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from otklik.core.db.spelling import spelt_once
from otklik.desk.accounts import own_addresses
from otklik.people.models import Identity
from otklik.tickets.models import Direction, Message, Participant, ParticipantRole, Ticket

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
    """Who takes part in the talk with the customer, by id, with their people."""
    rows = Participant.objects.filter(thread__ticket=ticket_id, thread__is_main=True)
    return rows.select_related("identity__person").order_by("id")[:MOST]


def propose_recipients(ticket: Ticket, kind: str = "email") -> Proposal:
    """The requester, in copy the confirmed others; never an address of ours.

    A Reply-To takes the requester's place when it belongs to somebody who was let in: it may come
    from a letter that the requester never wrote.
    """
    own = own_addresses()
    known = [
        row
        for row in list_participants(ticket.pk)
        if row.identity.kind == kind and row.identity.value not in own
    ]
    members = [row for row in known if row.is_confirmed]
    to = [row.identity for row in members if row.role == ParticipantRole.REQUESTER]
    cc = [row.identity for row in members if row.role == ParticipantRole.CC]
    wanted = [one for one in _reply_to(ticket) if one not in own]
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


def _reply_to(ticket: Ticket) -> list[str]:
    """Reply-To of the requester's last letter, without the address they wrote from."""
    written = next(iter(_last_addresses(ticket.pk, ticket.requester_id)), None)
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
    return rows.order_by("-id").values_list("body__addresses", flat=True)[:1]
