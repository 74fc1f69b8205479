"""What every agents' page knows of what its reader is told: counts, the newest, once a request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.notify.live import version_at
from otklik.notify.queries import (
    MOST_UNREAD,
    Notice,
    list_notifications,
    show_notices,
    spell_unread,
)
from otklik.workspace.web.staff import actor_of

# A page that was away shows no more toasts than somebody can read.
_TOLD = 5


@dataclass(frozen=True, slots=True)
class Bell:
    """``count`` is in words ("99+"), ``unseen`` how many came since the list was open, ``things``
    what the unread ones are about, ``version`` when this was true."""

    person_id: int
    unread: int
    count: str
    unseen: int
    things: str
    newest: int
    version: int


def bell_of(request: HttpRequest) -> Bell | None:
    """One query, the first time a page asks. None for who is no agent."""
    found: Bell | None = getattr(request, "_bell", None)
    if found is not None:
        return found
    actor = actor_of(request)
    if not actor.is_staff or actor.person_id is None:
        return None
    version = version_at(timezone.now())
    rows = _unread(actor, actor.person_id)
    bell = Bell(
        person_id=actor.person_id,
        unread=len(rows),
        count=spell_unread(len(rows)),
        unseen=sum(seen_at is None for _pk, seen_at, _kind, _id in rows),
        things=" ".join({f"{kind}:{ident}": None for _pk, _seen, kind, ident in rows}),
        newest=rows[0][0] if rows else 0,
        version=version,
    )
    request._bell = bell  # type: ignore[attr-defined]
    return bell


@spelt_once
def _unread(actor: Actor, person_id: int) -> QuerySet[Any, tuple[int, datetime | None, str, int]]:
    unread = list_notifications(actor, is_unread=True, person_id=person_id)
    return unread.values_list("pk", "seen_at", "thing_kind", "thing_id")[: MOST_UNREAD + 1]


def newest_notices(request: HttpRequest) -> list[Notice]:
    """The newest unread ones, for toasts and the sound."""
    actor = actor_of(request)
    return show_notices(actor, list(list_notifications(actor, is_unread=True)[:_TOLD]))
