"""The places people are in: tickets, for those of the staff who may see them."""

from __future__ import annotations

from otklik.core.access import Actor
from otklik.core.realtime import register_topic
from otklik.core.realtime.presence import register_summary
from otklik.tickets.live import may_see
from otklik.workspace.queries.presence import PLACE

SIGNS = "presences"
SIGNS_EVERY = 5.0  # seconds; looked at in passing, and changes whenever anybody opens a ticket


def wire() -> None:
    register_topic(PLACE, _may_be_here, is_logged=False)
    register_topic(SIGNS, _may_see_signs, interval=SIGNS_EVERY, is_logged=False)
    register_summary(PLACE, f"{SIGNS}:all")


def _may_be_here(actor: Actor, ident: str) -> bool:
    return actor.is_staff and may_see(actor, ident)


def _may_see_signs(actor: Actor, ident: str) -> bool:
    return actor.is_staff and ident == "all"
