"""What there is in a ticket beside its talk: mostly nothing, which is asked at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.people.models import CustomerNote
from otklik.tickets.actions.guests import list_guests
from otklik.tickets.checklists import ShownList, list_checklists
from otklik.tickets.models import (
    Checklist,
    Draft,
    DraftHandover,
    Follower,
    Message,
    NoteGuest,
    ReadMark,
    Reminder,
    Ticket,
    TicketLink,
    TicketTag,
    WaitingReply,
)
from otklik.workspace.models import ScriptRun
from otklik.workspace.queries.handover import GivenDraft, list_of_ticket
from otklik.workspace.queries.later import Pin, pins_of, reminders_in
from otklik.workspace.queries.scripts import RunPanel, list_open_runs
from otklik.workspace.queries.sending import WaitingCard, list_waiting


@dataclass(frozen=True, slots=True)
class Beside:
    """``has_…``: whether it is worth asking for. ``read_until``: the last message that this one
    read here, 0 for none."""

    waiting: list[WaitingCard] = field(default_factory=list)
    given: list[GivenDraft] = field(default_factory=list)
    guests: list[NoteGuest] = field(default_factory=list)
    reminders: list[Reminder] = field(default_factory=list)
    pins: list[Pin] = field(default_factory=list)
    checklists: list[ShownList] = field(default_factory=list)
    script_runs: list[RunPanel] = field(default_factory=list)
    has_links: bool = False
    has_notes: bool = False
    has_drafts: bool = False
    has_tags: bool = False
    has_followers: bool = False
    read_until: int = 0

    @property
    def progress(self) -> str:
        """ "2/5" over all checklists; "" without any."""
        total = sum(len(each.items) for each in self.checklists)
        return f"{sum(each.done for each in self.checklists)}/{total}" if total else ""


def find_beside(actor: Actor, ticket: Ticket) -> Beside:
    """Replies that have not left, drafts handed over, guests of the notes, pins and the rest,
    each the oldest first. Kept on the ticket: several pieces of one page ask for it."""
    known: Beside | None = ticket.__dict__.get("_beside")
    if known is not None:
        return known
    found = Beside()
    me = actor.person_id or 0
    for there in _there(ticket.pk, me):
        found = Beside(
            waiting=list_waiting(actor, ticket) if there["waiting"] else [],
            given=list_of_ticket(actor, ticket) if there["given"] else [],
            guests=list_guests(ticket.pk) if there["guests"] else [],
            reminders=list(reminders_in(ticket.pk, me)) if there["reminders"] else [],
            pins=pins_of(ticket.pk) if there["pins"] else [],
            checklists=list_checklists(ticket.pk) if there["checklists"] else [],
            script_runs=list_open_runs(ticket.pk) if there["runs"] else [],
            has_links=there["links"],
            has_notes=there["notes"],
            has_drafts=there["drafts"],
            has_tags=there["tags_there"],
            has_followers=there["followed"],
            read_until=there["read_until"] or 0,
        )
    ticket.__dict__["_beside"] = found
    return found


def ask_ahead(ahead: Ahead, asked: Iterable[tuple[int, int]]) -> list[Mapping[str, Any]]:
    """For `find_beside`: what there is, of tickets' ids and the persons who look."""
    return [next(iter(rows), {}) for rows in ahead.ask(_there, asked)]


@spelt_once
def _there(ticket_id: int, person_id: int) -> Iterable[Any]:
    this = OuterRef("pk")
    waiting = WaitingReply.objects.filter(
        thread__ticket=this, state__in=("waiting", "held", "review")
    )
    linked = TicketLink.objects.filter(Q(ticket=this) | Q(other=this))
    read = ReadMark.objects.filter(ticket=this, person=person_id)
    inside = {
        "waiting": waiting,
        "given": DraftHandover.objects.filter(ticket=this, state="given"),
        "guests": NoteGuest.objects.filter(thread__ticket=this, revoked_at__isnull=True),
        "reminders": Reminder.objects.filter(
            ticket=this, person=person_id, seen_at__isnull=True, dropped_at__isnull=True
        ),
        "pins": Message.objects.filter(ticket=this, pinned_at__isnull=False),
        "checklists": Checklist.objects.filter(ticket=this, removed_at__isnull=True),
        "runs": ScriptRun.objects.filter(ticket=this, finished_at__isnull=True),
        "links": linked,
        "notes": CustomerNote.objects.filter(
            person=OuterRef("requester"), pinned_at__isnull=False, removed_at__isnull=True
        ),
        "drafts": Draft.objects.filter(ticket=this, author=person_id),
        "tags_there": TicketTag.objects.filter(ticket=this),
        "followed": Follower.objects.filter(ticket=this),
    }
    rows = Ticket.objects.filter(pk=ticket_id)
    return rows.values(
        read_until=Subquery(read.values("message_id")[:1]),
        **{name: Exists(each) for name, each in inside.items()},
    )
