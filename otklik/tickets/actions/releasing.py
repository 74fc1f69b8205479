"""The moment a waiting reply leaves, or is held back."""

from __future__ import annotations

from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, ActionError, Actor, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people.actors import actor_for_user
from otklik.people.models import Person, User
from otklik.tickets.actions.addressed import send_reply
from otklik.tickets.actions.side import is_side, write_to_side
from otklik.tickets.actions.status import require_status
from otklik.tickets.actions.waiting import empty_waiting
from otklik.tickets.contract import Words
from otklik.tickets.doors import find_status, lock_ticket
from otklik.tickets.live import tell_touched
from otklik.tickets.models import (
    Message,
    Status,
    Ticket,
    WaitingReply,
    WaitingState,
    WaitingWhy,
)
from otklik.tickets.queries.crossing import find_crossing
from otklik.tickets.sending_events import ReplyHeld, ReplyStatusKept
from otklik.tickets.solving import Despite
from otklik.tickets.typed import Typed, typed_words

logger = structlog.get_logger(__name__)

CROSSING, REFUSED = "crossing", "refused"
KEPT = timedelta(days=1)  # what is over, so that a repeated request finds it
_EARLY = timedelta(milliseconds=50)
_STEP = 50


class Crossed(Exception):
    """Something was said in between."""


def release(waiting_id: int) -> Message | None:
    """Let a due reply leave, once however often this is called; None when it did not.

    What crossed it or what is refused holds it back, for its author to decide.
    """
    row = WaitingReply.objects.filter(pk=waiting_id).select_related("thread").first()
    if row is None or not _is_due(row):
        return None
    with translation.override(_language_of(row.author_id)):
        try:
            actor = author_of(row)
            typed = Typed(row.html, row.is_rich, tuple(row.uploads), row.subject)
            return _leave(actor, row.pk, row.version, typed_words(actor, typed))
        except Crossed:
            words = _("A newer message came before it left.")
            hold_back(waiting_id, row.version, CROSSING, words)
        except ActionError as refused:
            logger.info("reply_held_back", reason=type(refused).__name__)
            hold_back(waiting_id, row.version, REFUSED, str(refused))
    return None


def release_overdue() -> int:
    """What no job released: its process died, or the clock was put back."""
    now = timezone.now()
    overdue = Q(due_at__lte=now - timedelta(seconds=5))
    # Nobody waits longer than a minute for undo: the clock went back.
    leapt = Q(why=WaitingWhy.UNDO, due_at__gt=now + timedelta(seconds=90))
    rows = WaitingReply.objects.filter(overdue | leapt, state=WaitingState.WAITING)
    for row in rows.order_by("due_at")[:_STEP]:
        if row.due_at is not None and row.due_at > now:
            WaitingReply.objects.filter(pk=row.pk, version=row.version).update(due_at=now)
        release(row.pk)
    return drop_finished()


@action
def drop_finished() -> int:
    over = (WaitingState.SENT, WaitingState.CANCELLED)
    rows = WaitingReply.objects.filter(state__in=over, updated_at__lt=timezone.now() - KEPT)
    ids = list(rows.values_list("pk", flat=True)[:_STEP])
    return WaitingReply.objects.filter(pk__in=ids).delete()[0] if ids else 0


@action
def hold_back(waiting_id: int, version: int, reason: str, words: str) -> None:
    row = WaitingReply.objects.select_for_update().filter(pk=waiting_id, version=version).first()
    if row is None or row.state != WaitingState.WAITING:
        return
    row.state, row.held_for, row.held_words = WaitingState.HELD, reason, words[:500]
    row.version += 1
    row.save()
    record(SYSTEM, ReplyHeld(row.ticket_id, row.author_id, row.pk, reason))
    tell_touched(row.ticket_id)


def hold_crossed(ticket_id: int) -> None:
    """Somebody wrote: what waits in that talk stops at once and not only when it is due."""
    waiting = WaitingReply.objects.select_related("thread").filter(
        thread__ticket=ticket_id, state=WaitingState.WAITING, goes_anyway=False
    )
    for row in waiting:
        if _find_crossing(row):
            with translation.override(_language_of(row.author_id)):
                words = _("A newer message came before it left.")
            hold_back(row.pk, row.version, CROSSING, words)


def author_of(row: WaitingReply) -> Actor:
    """Who wrote it, with the rights of this moment. Raises Forbidden for one who works here no
    more."""
    user = User.objects.filter(person_id=row.author_id, is_active=True)
    found = user.select_related("person__agent").first()
    actor = actor_for_user(found) if found is not None else None
    if actor is None or not actor.is_staff:
        raise Forbidden(_("Who wrote it works here no longer."))
    return actor


@action
def _leave(actor: Actor, waiting_id: int, version: int, words: Words) -> Message | None:
    row = (
        WaitingReply.objects.select_for_update(of=("self",))
        .select_related("thread__ticket")
        .filter(pk=waiting_id, version=version, state=WaitingState.WAITING)
        .first()
    )
    if row is None:
        return None
    # The thread goes where its ticket was merged to.
    ticket = Ticket.objects.visible_to(actor).filter(pk=row.thread.ticket_id).first()
    if ticket is None:
        raise Missing(_("Its ticket is gone, or not yours to see any more."))
    ticket = lock_ticket(actor, ticket)
    if not row.goes_anyway and _find_crossing(row):
        raise Crossed
    lists = {name: row.recipients.get(name, []) for name in ("to", "cc", "bcc")}
    if not is_side(row.thread):
        status, refused = _status_of(actor, row, ticket)
        message = send_reply(
            actor,
            ticket,
            words=words,
            status=status,
            despite=Despite(row.despite_checklists, row.despite_parts),
            client_key=row.client_key,
            account=row.recipients.get("account"),
            **lists,
        )
        if refused is not None:
            kept = ReplyStatusKept(ticket.pk, row.author_id, row.pk, refused.code)
            record(SYSTEM, kept)
    else:
        message = write_to_side(
            actor,
            row.thread,
            words=words,
            client_key=row.client_key,
            account_id=row.recipients.get("account"),
            **lists,
        )
    row.message = message
    empty_waiting(row, WaitingState.SENT)
    return message


def _find_crossing(row: WaitingReply) -> list[int]:
    aside = row.thread_id if is_side(row.thread) else None
    thread = row.thread
    return find_crossing(
        thread.ticket_id,
        row.author_id,
        row.seen_message_id,
        waiting_in=aside or "talk",
        home_id=thread.came_from_id or thread.ticket_id,
    )


def _status_of(
    actor: Actor, row: WaitingReply, ticket: Ticket
) -> tuple[Status | str, ActionError | None]:
    """The status to go on with; none, and why, where it is refused by now: words that were promised
    must leave all the same."""
    wanted = find_status(row.status)
    if not wanted:
        return "", Invalid(_("There is no such status.")) if row.status else None
    try:
        require_status(actor, ticket, wanted, Despite(row.despite_checklists, row.despite_parts))
    except ActionError as refused:
        return "", refused
    return wanted, None


def _is_due(row: WaitingReply) -> bool:
    is_waiting = row.state == WaitingState.WAITING and row.due_at is not None
    return is_waiting and row.due_at <= timezone.now() + _EARLY  # type: ignore[operator]


def _language_of(person_id: int) -> str:
    user = User.objects.filter(person_id=person_id).values_list("language", "person__language")
    own, known = user.first() or ("", "")
    if not (own or known):
        known = Person.objects.filter(pk=person_id).values_list("language", flat=True).first() or ""
    return own or known or "en"
