"""Who is told what of tickets: topics, how they are shown, what is listened to."""

from __future__ import annotations

from otklik.tickets.notifying import hearing, sending, showing, topics


def wire() -> None:
    topics.register()
    showing.wire()
    hearing.wire()
    sending.wire()
