"""Tickets follow when a tag is merged into another, or taken apart again."""

from __future__ import annotations

import time

from otklik.core.db import write
from otklik.core.jobs import task
from otklik.tickets.models import Tag, TicketTag
from otklik.tickets.search import index_anew

STEP = 50  # rows in one transaction
SECONDS = 5.0  # of one job


@task(name="tickets.move_tags", unique=True)
def move_tags(*, tag_id: int, after: int = 0) -> None:
    """Bring the rows of one tag to where it stands now: to what it is merged into, or back.

    A ticket that wears both keeps both rows; the one of the merged tag is shown nowhere. Goes on
    where it was cut (``after`` is the last row looked at); harmless when repeated. Of a hundred
    thousand tickets each job does some seconds, and others have their turn in between.
    """
    tag = Tag.every.filter(pk=tag_id).first()
    if tag is None:
        return
    last, until = after, time.monotonic() + SECONDS
    while ids := _next(tag, last):
        with write():
            moved = _move(tag, ids)
        index_anew(moved)
        last = ids[-1]
        if time.monotonic() >= until:
            with write():
                move_tags.enqueue(tag_id=tag_id, after=last)
            return


def _next(tag: Tag, last: int) -> list[int]:
    if tag.merged_into_id is not None:
        rows = TicketTag.objects.filter(tag=tag, pk__gt=last)
    else:
        rows = TicketTag.objects.filter(merged_from=tag.pk, pk__gt=last)
    return list(rows.order_by("pk").values_list("pk", flat=True)[:STEP])


def _move(tag: Tag, ids: list[int]) -> set[int]:
    current = Tag.every.filter(pk=tag.pk).values_list("merged_into_id", flat=True).first()
    if current != tag.merged_into_id:
        return set()  # changed meanwhile: the job of that change does the rest
    rows = TicketTag.objects.filter(pk__in=ids)
    tickets = set(rows.values_list("ticket_id", flat=True))
    if current is None:
        rows = rows.filter(merged_from=tag.pk)
        worn = TicketTag.objects.filter(tag=tag, ticket__in=tickets).values_list("ticket_id")
        rows.exclude(ticket__in=worn).update(tag=tag, merged_from=None)
        return tickets
    worn = TicketTag.objects.filter(tag=current, ticket__in=tickets).values_list("ticket_id")
    rows.filter(tag=tag).exclude(ticket__in=list(worn.values_list("ticket_id", flat=True))).update(
        tag=current, merged_from=tag.pk
    )
    return tickets
