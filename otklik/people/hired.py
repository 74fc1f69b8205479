"""Somebody new works here: PostgreSQL is shown that, before it plans another page for them.

It takes the keys that it saw last for all there are, and reads all people of a large desk to find
one hired since. By itself it looks again within a minute; that one works from the first second.
"""

from __future__ import annotations

from collections.abc import Sequence

from otklik.core.db.planning import look_again
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.people.events import AgentInvited
from otklik.people.models import Agent, User


def wire() -> None:
    on(
        AgentInvited,
        name="people.hired",
        phase=Phase.NOTIFY,
        origins=ANY_ORIGIN,
        gathers=True,
    )(_hear)


def _hear(_rows: Sequence[EventRow]) -> None:
    look_again(Agent, User)
