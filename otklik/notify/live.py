"""Open pages hear that what their reader is told has changed: topic ``person:<id>``, theirs only.

Its version is the moment of the last change, in milliseconds: what comes, is seen and is read.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Max

from otklik.core.access import Actor
from otklik.core.realtime import register_topic
from otklik.notify.models import Notification

_CLOCKS = timedelta(seconds=2)
_LOOKED_AT = 300  # the newest


def wire() -> None:
    register_topic("person", _may_subscribe, _current_version)


def version_at(moment: datetime) -> int:
    """Of a page that was drawn then. Clocks of two nodes differ a little."""
    return int((moment - _CLOCKS).timestamp() * 1000)


def _may_subscribe(actor: Actor, ident: str) -> bool:
    return actor.is_staff and actor.person_id is not None and ident == str(actor.person_id)


def _current_version(ident: str) -> int | None:
    if not (ident.isascii() and ident.isdecimal()) or len(ident) > 18:
        return None
    rows = Notification.objects.filter(person_id=int(ident), is_shown=True).order_by("-id")
    newest = Notification.objects.filter(
        pk__in=list(rows.values_list("pk", flat=True)[:_LOOKED_AT])
    )
    moments = newest.order_by().aggregate(Max("created_at"), Max("seen_at"), Max("read_at"))
    known = [moment for moment in moments.values() if moment is not None]
    return int(max(known).timestamp() * 1000) if known else 1
