"""Who is in a segment, asked anew each time, and never of more people than a bound."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.vocabulary import Match, read_match
from otklik.core.vocabulary.language import Query, read_query, spell_query
from otklik.people.models import Organisation, Person, Segment, SegmentOf

# One page looks at so many people, newest first, and its "further" at the next so many.
LOOKED_AT = 10_000
MOST_COUNTED = 999
PAGE = 50


@dataclass(frozen=True, slots=True)
class Members:
    """``next``: an id below which to go on, or None at the end. ``is_cut``: this page ended
    because it had looked at enough."""

    rows: list[Any] = field(default_factory=list)
    next: int | None = None
    is_cut: bool = False


@dataclass(frozen=True, slots=True)
class Counted:
    """``is_more``: more than are counted. ``is_cut``: of the newest `LOOKED_AT` only."""

    count: int
    is_more: bool
    is_cut: bool


def read_segment_query(of: str, text: str) -> Match:
    """The conditions in a text such as ``language:ru vip:yes``. Raises Invalid, naming where."""
    query = read_query(of, text)
    if query.words:
        words = _("“%(words)s” is no condition.") % {"words": query.words[:60]}
        raise Invalid(words, fields={"query": words})
    if query.is_empty:
        raise Invalid(_("Say at least one condition."), fields={"query": _("Say who is in it.")})
    return query.match


def spell_segment(segment: Segment) -> str:
    """Its conditions as text, in the reader's language. Raises Invalid for one that nobody
    brings any more."""
    return spell_query(segment.of, Query(read_match(segment.of, segment.match), ""))


def list_members(
    actor: Actor, segment: Segment, *, below: int | None = None, size: int = PAGE
) -> Members:
    """Newest first. Raises Invalid when a condition is gone."""
    match = read_match(segment.of, segment.match)
    window, low = _window(actor, segment, below)
    found = list(window.filter(match.q(actor=actor)).order_by("-pk")[: size + 1])
    if len(found) > size:
        return Members(found[:size], next=found[size - 1].pk)
    return Members(found, next=low, is_cut=low is not None)


def count_members(actor: Actor, segment: Segment) -> Counted:
    """Raises Invalid when a condition is gone."""
    match = read_match(segment.of, segment.match)
    window, low = _window(actor, segment, None)
    found = window.filter(match.q(actor=actor)).order_by("-pk")[: MOST_COUNTED + 1]
    count = len(found.values_list("pk", flat=True))
    return Counted(min(count, MOST_COUNTED), count > MOST_COUNTED, low is not None)


def segments_of(about: Person | Organisation) -> list[Segment]:
    """Those that this one is in, found in memory: no other people are asked about."""
    of = SegmentOf.PERSON if isinstance(about, Person) else SegmentOf.ORGANISATION
    found = []
    for segment in Segment.objects.filter(of=of, is_active=True):
        try:
            if read_match(of, segment.match).test(about):
                found.append(segment)
        except Invalid:
            continue  # the screen of segments says that a condition is gone
    return found


def _window(actor: Actor, segment: Segment, below: int | None) -> tuple[QuerySet[Any], int | None]:
    """The next so many below an id, and the id to go on from."""
    rows: QuerySet[Any]
    if segment.of == SegmentOf.PERSON:
        rows = Person.objects.visible_to(actor).present()
    else:
        rows = Organisation.objects.visible_to(actor)
    if below is not None:
        rows = rows.filter(pk__lt=below)
    edge = list(rows.order_by("-pk").values_list("pk", flat=True)[LOOKED_AT - 1 : LOOKED_AT + 1])
    if len(edge) < 2:
        return rows, None
    return rows.filter(pk__gte=edge[0]), edge[0]
