"""What every agents' page knows of what its reader is told: counts, the newest, once a request."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest

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
    what the unread ones are about."""

    person_id: int
    unread: int
    count: str
    unseen: int
    things: str
    newest: int


def bell_of(request: HttpRequest) -> Bell | None:
    """One query, the first time a page asks. None for who is no agent."""
    found: Bell | None = getattr(request, "_bell", None)
    if found is not None:
        return found
    actor = actor_of(request)
    if not actor.is_staff or actor.person_id is None:
        return None
    unread = list_notifications(actor, is_unread=True)
    columns = ("pk", "seen_at", "thing_kind", "thing_id")
    rows = list(unread.values_list(*columns)[: MOST_UNREAD + 1])
    bell = Bell(
        person_id=actor.person_id,
        unread=len(rows),
        count=spell_unread(len(rows)),
        unseen=sum(seen_at is None for _pk, seen_at, _kind, _id in rows),
        things=" ".join({f"{kind}:{ident}": None for _pk, _seen, kind, ident in rows}),
        newest=rows[0][0] if rows else 0,
    )
    request._bell = bell  # type: ignore[attr-defined]
    return bell


def newest_notices(request: HttpRequest) -> list[Notice]:
    """The newest unread ones, for toasts and the sound."""
    actor = actor_of(request)
    return show_notices(actor, list(list_notifications(actor, is_unread=True)[:_TOLD]))
