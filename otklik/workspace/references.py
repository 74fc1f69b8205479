"""What "#" offers and where it leads. Rooms above add a source, such as articles."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.core import search
from otklik.core.access import Actor
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters, list_tickets
from otklik.workspace.queries import marks


@dataclass(frozen=True, slots=True)
class Offered:
    """``id`` is what the reference keeps ("ticket:4812"), ``label`` what stands in the text and
    may be read by everybody; ``title`` and ``detail`` are for the one who chooses."""

    id: int
    label: str
    title: str
    detail: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Source:
    """``find(actor, query, limit)`` offers only what this one may see; ``url(id)`` leads there."""

    kind: str
    label: str | Promise
    find: Callable[[Actor, str, int], Iterable[Offered]]
    url: Callable[[int], str]


_sources: dict[str, Source] = {}


def register_reference(source: Source) -> None:
    """Raises ValueError for a kind that is taken."""
    known = _sources.get(source.kind)
    if known is not None and known.find is not source.find:
        raise ValueError(f"references of kind {source.kind!r} are registered twice")
    _sources[source.kind] = source


def find_references(actor: Actor, query: str, limit: int = 8) -> list[tuple[Source, Offered]]:
    """Of every source, those whose number or words fit."""
    return [
        (source, offered)
        for source in _sources.values()
        for offered in source.find(actor, query, limit)
    ]


def reference_url(kind: str, number: int) -> str | None:
    """Where a reference leads; None for what leads nowhere, such as a colleague's name."""
    source = _sources.get(kind)
    return source.url(number) if source is not None else None


def wire() -> None:
    register_reference(Source("ticket", _("Tickets"), _find_tickets, _ticket_url))


def _ticket_url(number: int) -> str:
    return reverse("workspace:ticket", args=[number])


def _find_tickets(actor: Actor, query: str, limit: int) -> list[Offered]:
    asked = query.strip()
    rows = Ticket.objects.visible_to(actor).alive().select_related("status", "requester")
    found: dict[int, Ticket] = {}
    if asked.isascii() and asked.isdecimal() and len(asked) < 18:
        # A number that goes on: 48 is 48, 480 … 489, 4800 … 4899.
        ranges = [(int(asked) * 10**more, (int(asked) + 1) * 10**more) for more in range(5)]
        for first, last in ranges:
            near = rows.filter(number__gte=first, number__lt=last).order_by("-number")
            found |= {row.pk: row for row in near[: limit - len(found)]}
            if len(found) >= limit:
                break
    elif len(asked) >= 2:
        hits = search.find("ticket", asked, scopes=actor.scopes, limit=limit)
        ids = [hit.object_id for hit in hits]
        by_id = {row.pk: row for row in rows.filter(pk__in=ids)}
        found = {pk: by_id[pk] for pk in ids if pk in by_id}
    elif not asked:
        mine = list_tickets(actor, Filters(list="mine")).select_related("status", "requester")
        found = {row.pk: row for row in mine.order_by("-last_message_at", "-id")[:limit]}
    return [
        Offered(
            id=row.number,
            label=f"#{row.number}",
            title=row.subject,
            detail=f"#{row.number} · {row.requester.name}",
            mark=marks.status_mark(row.status),
        )
        for row in list(found.values())[:limit]
    ]
