"""Segments: naming who belongs together."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy, values
from otklik.people.events import SegmentChanged, SegmentCreated, SegmentRemoved
from otklik.people.models import Segment, SegmentOf
from otklik.people.segments import read_segment_query

MOST = 100
_NAME = values.line("name", 100, is_required=True)


@action
def create_segment(
    actor: Actor, *, name: str, query: str, of: str = SegmentOf.PERSON, is_active: bool = True
) -> Segment:
    """``query`` as `core.vocabulary.language` reads it. Raises Forbidden and Invalid."""
    _demand(actor)
    if of not in SegmentOf.values:
        raise Invalid(_("This is no possible value."), fields={"of": of[:20]})
    if Segment.objects.count() >= MOST:
        raise Invalid(_("At most %(count)d segments.") % {"count": MOST})
    match = read_segment_query(of, query).as_json()
    segment = Segment.objects.create(name=_NAME(name), of=of, match=match, is_active=is_active)
    record(actor, SegmentCreated(segment.pk))
    return segment


@action
def change_segment(
    actor: Actor,
    segment: Segment,
    *,
    name: str | None = None,
    query: str | None = None,
    is_active: bool | None = None,
    version: int | None = None,
) -> Segment:
    """Raises Forbidden, Invalid, and Conflict when ``version`` is an older one."""
    _demand(actor)
    current = Segment.objects.select_for_update().get(pk=segment.pk)
    if version is not None and version != current.version:
        raise Conflict(
            _("Somebody changed this in the meantime. Look at their values before you save."),
            fields={"name": current.name},
        )
    wanted = {
        "name": None if name is None else _NAME(name),
        "match": None if query is None else read_segment_query(current.of, query).as_json(),
        "is_active": is_active,
    }
    fields = [
        each
        for each, value in wanted.items()
        if value is not None and value != getattr(current, each)
    ]
    if fields:
        for each in fields:
            setattr(current, each, wanted[each])
        current.version += 1
        current.save(update_fields=[*fields, "version"])
        record(actor, SegmentChanged(current.pk, tuple(sorted(fields))))
    return current


@action
def remove_segment(actor: Actor, segment: Segment) -> None:
    """Raises Forbidden. The people stay; only the name for them goes."""
    _demand(actor)
    if Segment.objects.filter(pk=segment.pk).delete()[0]:
        record(actor, SegmentRemoved(segment.pk))


def _demand(actor: Actor) -> None:
    if not policy.can_set_up_people(actor):
        raise Forbidden(_("You may not change what people are sorted by."))
