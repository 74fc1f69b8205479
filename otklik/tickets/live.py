"""Open pages hear that a ticket has changed: topic ``ticket:<id>`` with its version."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.core.access import Actor
from otklik.core.realtime import publish, register_topic
from otklik.tickets.models import BulkAct, Ticket
from otklik.tickets.querysets import sees_all

TOPIC = "ticket"


def wire() -> None:
    register_topic(TOPIC, may_see, _current_version, may_all=may_see_all)
    register_topic("bulk", _may_watch, _progress)


def tell_changed(ticket_id: int, version: int) -> None:
    """After the commit; never fails for pages that are away."""
    publish(f"{TOPIC}:{ticket_id}", version)


def tell_touched(ticket_id: int) -> None:
    """Something beside the ticket changed that moves no version of it: who shows it looks."""
    publish(f"{TOPIC}:{ticket_id}", None)


def may_see(actor: Actor, ident: str) -> bool:
    """For topics named by a ticket's id: forbidden, missing and foreign are refused alike."""
    return _is_id(ident) and Ticket.objects.visible_to(actor).filter(pk=int(ident)).exists()


def may_see_all(asked: Sequence[tuple[Actor, str]]) -> list[bool]:
    """`may_see` for many pages: those from whom nothing is hidden in one question."""
    wanted: dict[Actor | None, set[int]] = {}
    for actor, ident in asked:
        if _is_id(ident):
            wanted.setdefault(None if sees_all(actor) else actor, set()).add(int(ident))
    seen: dict[Actor | None, set[int]] = {}
    for whose, ids in wanted.items():
        rows = Ticket.objects.all() if whose is None else Ticket.objects.visible_to(whose)
        seen[whose] = set(rows.filter(pk__in=ids).values_list("pk", flat=True))
    return [
        _is_id(ident) and int(ident) in seen[None if sees_all(actor) else actor]
        for actor, ident in asked
    ]


def _current_version(ident: str) -> int | None:
    if not _is_id(ident):
        return None
    return Ticket.objects.filter(pk=int(ident)).values_list("version", flat=True).first()


def _may_watch(actor: Actor, ident: str) -> bool:
    return _is_id(ident) and BulkAct.objects.visible_to(actor).filter(pk=int(ident)).exists()


def _progress(ident: str) -> int | None:
    act = BulkAct.objects.filter(pk=int(ident)).first() if _is_id(ident) else None
    return act.done + act.is_finished if act is not None else None


def _is_id(ident: str) -> bool:
    return ident.isascii() and ident.isdecimal() and len(ident) < 19
