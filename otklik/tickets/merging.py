"""What names a person here, and moves when two people turn out to be one."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.db.models import F
from django.utils import timezone

from otklik.people.merging import Column, register_column
from otklik.tickets.live import tell_changed
from otklik.tickets.models import Ticket
from otklik.tickets.search import index_anew


def wire() -> None:
    register_column(
        Column(
            "tickets.Ticket",
            "requester_id",
            identity="requester_identity_id",
            also=_next_version,
            moved=_tell,
            settled=_index,
            order=10,
        )
    )
    register_column(
        Column("tickets.Message", "author_id", identity="author_identity_id", step=100, order=20)
    )
    register_column(Column("tickets.Upload", "owner_id", order=30))
    for model in ("tickets.Follower", "tickets.ReadMark"):
        register_column(Column(model, "person_id", unique=("ticket_id",), order=40))
    register_column(Column("tickets.Draft", "author_id", unique=("ticket_id", "kind"), order=40))
    register_column(Column("tickets.Reminder", "person_id", order=50))
    for model, field in (
        ("tickets.ChecklistItem", "owner_id"),
        ("tickets.ChecklistItem", "done_by_id"),
        ("tickets.NoteGuest", "invited_by_id"),
        ("tickets.WaitingReply", "author_id"),
        ("tickets.WaitingReply", "reviewer_id"),
        ("tickets.DraftHandover", "giver_id"),
        ("tickets.DraftHandover", "receiver_id"),
    ):
        register_column(Column(model, field, order=60))


def _next_version() -> Mapping[str, Any]:
    return {"version": F("version") + 1, "updated_at": timezone.now()}


def _tell(ids: Sequence[int]) -> None:
    for ticket_id, version in Ticket.objects.filter(pk__in=ids).values_list("pk", "version"):
        tell_changed(ticket_id, version)


def _index(ids: Collection[int]) -> None:
    """Documents hold the name and the addresses of who asked."""
    index_anew(ids)
