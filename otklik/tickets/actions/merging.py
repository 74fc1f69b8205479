"""Several tickets become one, and are several again when that is undone.

What moves are threads; messages and replies that wait follow the thread they are in, so whatever
is said in one after the merge goes back with it. What hangs on the ticket moves too (`carrying`).
What the target gained (tags, followers, links, values) is taken back where it still is. Nothing is
copied but the words of a draft that met another one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.core.operations.models import Operation
from otklik.tickets import permissions
from otklik.tickets.actions.carrying import carry_rows, gain_fields, gain_snooze
from otklik.tickets.columns import rebuild_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.events import TicketAbsorbed, TicketMerged
from otklik.tickets.models import (
    Draft,
    Follower,
    Message,
    ReadMark,
    Thread,
    Ticket,
    TicketLink,
    TicketTag,
    WaitingReply,
)

MOST = 20  # tickets merged in one go


@action
def merge_tickets(
    actor: Actor, target: Ticket, sources: Sequence[Ticket], *, across_customers: bool = False
) -> Operation:
    """Make ``sources`` part of ``target``: one operation, undone as a whole.

    Their numbers stay valid and lead to the target. ``across_customers`` says that the person knows
    that the requesters differ; without it such a merge raises Conflict. Each customer goes on
    seeing their own thread and nothing else. Raises Forbidden, Invalid and Missing.
    """
    require(actor, permissions.CHANGE)
    ids = list(dict.fromkeys(source.pk for source in sources))
    if not ids:
        raise Invalid(_("Choose what to merge."), fields={"tickets": _("Choose what to merge.")})
    if target.pk in ids:
        words = _("A ticket is not merged into itself.")
        raise Invalid(words, fields={"tickets": words})
    if len(ids) > MOST:
        words = _("At most %(count)d tickets are merged at once.") % {"count": MOST}
        raise Invalid(words, fields={"tickets": words})
    # In one order, whoever merges what: two merges at once wait for each other.
    held = {pk: lock_ticket(actor, pk) for pk in sorted([target.pk, *ids])}
    for ticket in held.values():
        _require_standing(ticket)
    target, found = held[target.pk], [held[pk] for pk in ids]
    strangers = [one.number for one in found if one.requester_id != target.requester_id]
    if strangers and not across_customers:
        raise Conflict(
            _("These tickets were asked by different people. Each will see only their own talk."),
            code="other_customer",
            fields={"tickets": strangers},
        )
    operation = join(actor, "tickets.merge")
    acting = actor.within(operation.pk)
    for source in found:
        _merge(acting, operation, target, source)
    operation.summary |= {"target": target.number, "sources": [one.number for one in found]}
    operation.save(update_fields=["summary"])
    return operation


def _require_standing(ticket: Ticket) -> None:
    number = {"number": ticket.number}
    if ticket.purging_since is not None:
        raise Conflict(_("This ticket is being purged. Nothing brings it back."))
    if ticket.trashed_at is not None:
        raise Conflict(_("№ %(number)d is in the trash. Restore it first.") % number)


def _merge(actor: Actor, operation: Operation, target: Ticket, source: Ticket) -> None:
    absorb(operation, target, source)
    _gain_tags(operation, target, source)
    _gain_followers(operation, target, source)
    _gain_links(operation, target, source)
    _take_drafts(operation, target, source)
    carry_rows(target, source, operation)
    gain_fields(actor, operation, target, source)
    gain_snooze(actor, operation, target, source)
    _carry_read_marks(target, source)
    tell_moved([target.pk, source.pk])
    record(actor, TicketMerged(ticket_id=source.pk, target_id=target.pk))
    record(actor, TicketAbsorbed(ticket_id=target.pk, source_id=source.pk))


def absorb(operation: Operation, target: Ticket, source: Ticket) -> None:
    """Threads and the number, journalled; those merged into the source before come along."""
    now = timezone.now()
    moved = [source, *Ticket.objects.filter(merged_into=source).order_by("pk")]
    for ticket in moved:
        journal(operation, ticket, "merged_into_id", ticket.merged_into_id, target.pk)
        Ticket.objects.filter(pk=ticket.pk).update(
            merged_into=target, merged_at=ticket.merged_at or now, updated_at=now
        )
    for thread, was in carry_threads(target, source):
        journal(operation, thread, "place", was, place_of(thread))


def carry_threads(target: Ticket, source: Ticket) -> list[tuple[Thread, dict[str, object]]]:
    """Every thread of one to the other, home kept; each with the place where it was."""
    moved = []
    for thread in Thread.objects.filter(ticket=source).order_by("pk"):
        moved.append((thread, place_of(thread)))
        thread.came_from_id = thread.came_from_id or source.pk
        thread.ticket, thread.is_main = target, False
        move_thread(thread)
    return moved


def place_of(thread: Thread) -> dict[str, object]:
    """Where a thread is, as the journal writes it."""
    return {
        "ticket": thread.ticket_id,
        "is_main": thread.is_main,
        "came_from": thread.came_from_id,
    }


def move_thread(thread: Thread) -> None:
    """Save where it is; its messages are always in the ticket of their thread, and so are the
    replies that have not left."""
    thread.save(update_fields=["ticket", "is_main", "came_from"])
    WaitingReply.objects.filter(thread=thread).update(ticket=thread.ticket_id)
    Message.objects.filter(thread=thread).update(ticket=thread.ticket_id)


def tell_moved(ids: Iterable[int]) -> None:
    """List columns anew and a new version each, also where no column differs."""
    pks = sorted(set(ids))
    Ticket.objects.filter(pk__in=pks).update(version=F("version") + 1, updated_at=timezone.now())
    rebuild_columns(pks, is_told=True)


def _gain_tags(operation: Operation, target: Ticket, source: Ticket) -> None:
    worn = TicketTag.objects.filter(ticket=target).values("tag")
    for row in TicketTag.objects.filter(ticket=source).exclude(tag__in=worn):
        TicketTag.objects.create(ticket=target, tag_id=row.tag_id)
        journal(operation, target, f"gained:tag:{row.tag_id}", False, True)


def _gain_followers(operation: Operation, target: Ticket, source: Ticket) -> None:
    here = Follower.objects.filter(ticket=target).values("person")
    for row in Follower.objects.filter(ticket=source).exclude(person__in=here):
        Follower.objects.create(ticket=target, person_id=row.person_id)
        journal(operation, target, f"gained:follower:{row.person_id}", False, True)


def _gain_links(operation: Operation, target: Ticket, source: Ticket) -> None:
    for row in TicketLink.objects.filter(ticket=source).exclude(other=target):
        _gain_link(operation, target, target.pk, row.other_id, row.kind)
    for row in TicketLink.objects.filter(other=source).exclude(ticket=target):
        _gain_link(operation, target, row.ticket_id, target.pk, row.kind)


def _gain_link(operation: Operation, target: Ticket, one: int, other: int, kind: str) -> None:
    if kind == "child":  # a part has one whole, and no circle comes of a merge
        has_whole = TicketLink.objects.filter(ticket=one, kind=kind).exists()
        is_circle = TicketLink.objects.filter(ticket=other, other=one, kind=kind).exists()
        if (one == target.pk and has_whole) or is_circle:
            return
    row, is_new = TicketLink.objects.get_or_create(ticket_id=one, other_id=other, kind=kind)
    if is_new:
        journal(operation, target, f"gained:link:{row.pk}", False, True)


def _take_drafts(operation: Operation, target: Ticket, source: Ticket) -> None:
    """An unsent text goes on in the target. Where its writer has one there already, the words are
    added to that and stay in the old place, too."""
    for draft in Draft.objects.filter(ticket=source):
        there = Draft.objects.filter(ticket=target, author=draft.author_id, kind=draft.kind)
        other = there.first()
        if other is None:
            Draft.objects.filter(pk=draft.pk).update(ticket=target)
            journal(operation, draft, f"moved:{source.pk}", False, True)
        elif draft.html.strip():
            other.html = f"{other.html}<p></p>{draft.html}"
            other.version += 1
            other.save()


def _carry_read_marks(target: Ticket, source: Ticket) -> None:
    """Who had read both has read what they are now."""
    theirs = dict(ReadMark.objects.filter(ticket=source).values_list("person_id", "message_id"))
    for mark in ReadMark.objects.filter(ticket=target, person__in=theirs):
        if theirs[mark.person_id] > mark.message_id:
            ReadMark.objects.filter(pk=mark.pk).update(message_id=theirs[mark.person_id])
