"""The places people are in: tickets, for those of the staff who may see them."""

from __future__ import annotations

from collections.abc import Sequence

from otklik.core.access import Actor
from otklik.core.realtime import register_topic
from otklik.core.realtime.presence import register_summary
from otklik.tickets.live import may_see, may_see_all
from otklik.tickets.models import Ticket
from otklik.tickets.querysets import sees_all
from otklik.workspace.queries.presence import PLACE, TALKS

SIGNS = "presences"
SIGNS_EVERY = 5.0  # seconds; looked at in passing, and changes whenever anybody opens a ticket


def wire() -> None:
    register_topic(PLACE, _may_be_here, is_logged=False, may_all=_may_all_be_here)
    register_topic(SIGNS, _may_see_signs, interval=SIGNS_EVERY, is_logged=False)
    register_topic(TALKS, _may_hear_of_talks)
    register_summary(PLACE, f"{SIGNS}:all")


def _may_be_here(actor: Actor, ident: str) -> bool:
    return actor.is_staff and may_see(actor, ident)


def _may_all_be_here(asked: Sequence[tuple[Actor, str]]) -> list[bool]:
    seen = may_see_all(asked)
    return [actor.is_staff and may for (actor, _ident), may in zip(asked, seen, strict=True)]


def _may_hear_of_talks(actor: Actor, ident: str) -> bool:
    """Of a person who has written to those who ask."""
    if not actor.is_staff or not ident.isdecimal() or len(ident) > 18:
        return False
    if sees_all(actor):
        return True
    return Ticket.objects.visible_to(actor).filter(requester=int(ident)).exists()


def _may_see_signs(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident == "all"
