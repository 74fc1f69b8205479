"""Tags: free labels without twins."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.db import action
from otklik.core.db.spelling import spelt_once
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.kit.text import sort_key
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketTagged, TicketUntagged
from otklik.tickets.models import Tag, Ticket, TicketTag
from otklik.tickets.twins import find_same

MAX_TAGS = 50


@action
def tag_ticket(
    actor: Actor, ticket: Ticket, name: str, *, occurred_at: datetime | None = None
) -> Tag:
    """Put a tag on a ticket; spellings that differ by case or ё are one tag."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    name = " ".join(name.split()).strip("#,;")[:60]
    key = sort_key(name, 60)
    if not key:
        raise Invalid(_("A tag needs a name."), fields={"tag": _("A tag needs a name.")})
    tag = (
        _find(key) or find_same(key) or Tag.every.get_or_create(key=key, defaults={"name": name})[0]
    )
    worn = _worn(ticket.pk)
    if tag.pk in worn:
        return tag
    if len(worn) >= MAX_TAGS:
        raise Invalid(_("This ticket has as many tags as it can."), fields={"tag": name})
    TicketTag.objects.create(ticket=ticket, tag=tag)
    operation = join(actor, "tickets.tag")
    journal(operation, ticket, f"tag:{tag.pk}", False, True)
    write_columns(ticket)
    tagged = TicketTagged(ticket_id=ticket.pk, tag_id=tag.pk)
    record(actor.within(operation.pk), tagged, occurred_at=occurred_at)
    return tag


def _find(key: str) -> Tag | None:
    """By its name, or by that of one merged into it."""
    found = next(iter(_of_key(key)), None)
    for _step in range(20):
        if found is None or found.merged_into is None:
            break
        found = found.merged_into
    return found


@spelt_once
def _of_key(key: str) -> QuerySet[Tag]:
    return Tag.every.filter(key=key).select_related("merged_into")


@spelt_once
def _worn(ticket_id: int) -> Iterable[int]:
    return TicketTag.objects.filter(ticket=ticket_id).values_list("tag_id", flat=True)


@action
def untag_ticket(actor: Actor, ticket: Ticket, tag: Tag) -> None:
    """Take a tag off; nothing happens when it is not there."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    taken, _rows = TicketTag.objects.filter(ticket=ticket, tag=tag).delete()
    if not taken:
        return
    operation = join(actor, "tickets.untag")
    journal(operation, ticket, f"tag:{tag.pk}", True, False)
    write_columns(ticket)
    record(actor.within(operation.pk), TicketUntagged(ticket_id=ticket.pk, tag_id=tag.pk))


@action
def set_tags(actor: Actor, ticket: Ticket, names: list[str]) -> list[Tag]:
    """Make a ticket wear exactly these tags."""
    wanted = {sort_key(name, 60): name for name in names if name.strip()}
    operation = join(actor, "tickets.set_tags")
    actor = actor.within(operation.pk)
    standing = TicketTag.objects.filter(ticket=ticket, tag__in=Tag.objects.all())
    for row in standing.select_related("tag"):
        if row.tag.key not in wanted:
            untag_ticket(actor, ticket, row.tag)
    return [tag_ticket(actor, ticket, name) for name in wanted.values()]
