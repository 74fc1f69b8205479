"""Open pages hear that what their reader is told has changed: topic ``person:<id>``, theirs only.

It has no version: what one is told comes and goes with what one reads.
"""

from __future__ import annotations

from otklik.core.access import Actor
from otklik.core.realtime import register_topic


def wire() -> None:
    register_topic("person", _may_subscribe)


def _may_subscribe(actor: Actor, ident: str) -> bool:
    return actor.is_staff and actor.person_id is not None and ident == str(actor.person_id)
