"""What tickets know of a person, for their export: what they asked, wrote, sent and were told.

Of notes, which staff write for one another, it tells that they are there and when, not what they
say: they are of others too.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.core.fields.queries import words_of_values
from otklik.kit.text import clean_line
from otklik.people.exporting import Pack, register_export
from otklik.people.models import Person
from otklik.tickets.models import (
    Attachment,
    ChecklistItem,
    Draft,
    DraftHandover,
    Follower,
    Message,
    MessageKind,
    NoteGuest,
    Participant,
    Reminder,
    Ticket,
    WaitingReply,
)


def wire() -> None:
    register_export("tickets", write_tickets, order=100)


def write_tickets(person: Person, pack: Pack) -> None:
    tickets = Ticket.objects.filter(requester=person).select_related("status", "category", "brand")
    pack.table(
        "tickets", _("Tickets they asked for"), (_ticket(row) for row in tickets.order_by("id"))
    )
    pack.table("messages", _("Messages"), _messages(person, pack))
    notes = Message.objects.filter(ticket__requester=person, kind=MessageKind.NOTE)
    pack.table(
        "notes",
        _("Notes of the staff, which are not told"),
        notes.order_by("id").values("ticket__number", "created_at"),
    )
    pack.table(
        "reminders",
        _("Reminders they set themselves"),
        Reminder.objects.filter(person=person)
        .order_by("id")
        .values("ticket__number", "due_at", "note", "told_at"),
    )
    taking_part = Participant.objects.filter(identity__person=person).exclude(
        thread__ticket__requester=person
    )
    _write_own_work(person, pack)
    pack.table(
        "participation",
        _("Tickets of others in which they take part"),
        taking_part.order_by("id").values("thread__ticket__number", "role", "created_at"),
    )


def _write_own_work(person: Person, pack: Pack) -> None:
    """What they have not sent, follow, are to do, and where they are a guest of the notes."""
    given = DraftHandover.objects.filter(giver=person).order_by("id")
    waiting = WaitingReply.objects.filter(author=person).order_by("id")
    drafts = Draft.objects.filter(author=person).order_by("id")
    items = ChecklistItem.objects.filter(Q(owner=person) | Q(done_by=person)).order_by("id")
    guests = NoteGuest.objects.filter(identity__person=person).order_by("id")
    followed = Follower.objects.filter(person=person).order_by("id")
    for name, title, rows in (
        ("drafts", _("Drafts"), drafts.values("ticket__number", "kind", "html", "updated_at")),
        (
            "waiting_replies",
            _("Replies of theirs that wait"),
            waiting.values("ticket__number", "state", "subject", "html", "due_at", "created_at"),
        ),
        (
            "drafts_handed_over",
            _("Drafts they handed over"),
            given.values("ticket__number", "html", "comment", "created_at"),
        ),
        (
            "checklist_items",
            _("Checklist items of theirs"),
            items.values("checklist__ticket__number", "text", "due_at", "done_at"),
        ),
        (
            "notes_joined",
            _("Tickets whose notes they joined"),
            guests.values("thread__ticket__number", "created_at", "revoked_at"),
        ),
        ("followed", _("Tickets they follow"), followed.values("ticket__number")),
    ):
        pack.table(name, title, rows)


def _ticket(row: Ticket) -> dict[str, Any]:
    return {
        "number": row.number,
        "subject": row.subject,
        "status": row.status_kind,
        "brand": row.brand.name,
        "category": row.category.label("en") if row.category else "",
        "fields": "; ".join(words_of_values(row)),
        "created_at": row.created_at,
        "solved_at": row.solved_at,
        "closed_at": row.closed_at,
    }


def _messages(person: Person, pack: Pack) -> Iterator[dict[str, Any]]:
    """Public ones of their tickets, and whatever they wrote themselves: also aside, as a third
    party, and as a guest of the notes. What others say aside of their tickets is not theirs."""
    at_home = Q(thread__came_from__isnull=True, ticket__requester=person)
    at_home |= Q(thread__came_from__requester=person)
    told = Q(at_home, is_hidden=False, kind=MessageKind.PUBLIC)
    own = Q(author=person, kind=MessageKind.PUBLIC) | Q(author=person, author_kind="customer")
    rows = Message.objects.filter(told | own).select_related("body__raw", "ticket")
    for row in rows.order_by("id").iterator(chunk_size=100):
        is_own = row.author_id == person.pk
        raw = row.body.raw if is_own else None
        yield {
            "ticket": row.ticket.number,
            "at": row.created_at,
            "from": "they" if is_own else row.author_kind,
            "channel": row.channel,
            "subject": row.body.subject,
            "text": row.body.text,
            "files": ", ".join(_files(row, pack)),
            "original": pack.content(f"originals/{row.pk}.eml", raw) if raw else "",
        }


def _files(message: Message, pack: Pack) -> Iterator[str]:
    for row in Attachment.objects.filter(message=message).select_related("blob"):
        name = clean_line(row.name.replace("/", "_").replace("\\", "_"), 120).strip(". ")
        path = pack.content(f"files/{row.pk}-{name or 'file'}", row.blob)
        if path:
            yield path
