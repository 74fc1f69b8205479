"""Replies that wait before they leave: to be undone for some seconds, or for a chosen time.

A waiting reply is a row with everything needed and a due time, and no message. The back process
releases it through the ordinary door with its ``client_key``: the row's end and the message are
one transaction, so that no death of a process loses or doubles it. What waits for undo is still
a draft and leaves no event; what waits for a time does.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk.accounts import own_addresses
from otklik.kit.addresses import normalise_email
from otklik.tickets import permissions
from otklik.tickets.actions.addressed import send_reply
from otklik.tickets.actions.drafts import merge_into_draft
from otklik.tickets.actions.side import is_side, write_to_side
from otklik.tickets.actions.status import require_status
from otklik.tickets.contract import MAX_RECIPIENTS, Words, too_many_words
from otklik.tickets.doors import find_status, lock_ticket, require
from otklik.tickets.homes import main_thread
from otklik.tickets.live import tell_touched
from otklik.tickets.models import (
    PRESENT,
    Draft,
    Message,
    MessageKind,
    Thread,
    Ticket,
    WaitingReply,
    WaitingState,
    WaitingWhy,
)
from otklik.tickets.queries.crossing import find_crossing
from otklik.tickets.reviewing import waits_for_mentor
from otklik.tickets.sending_events import ReplyCancelled, ReplyScheduled, ReplySubmitted
from otklik.tickets.solving import ASKING, Despite
from otklik.tickets.typed import Typed, typed_words

MOST_UNDO_SECONDS = 60
LONGEST_WAIT = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class To:
    """Typed addresses, and the id of the mailbox a reply goes through (None: the talk's own)."""

    to: Sequence[str] = ()
    cc: Sequence[str] = ()
    bcc: Sequence[str] = ()
    account: int | None = None

    def as_json(self) -> dict[str, Any]:
        lists: dict[str, Any] = {"to": list(self.to), "cc": list(self.cc), "bcc": list(self.bcc)}
        return lists | ({"account": self.account} if self.account else {})


def send_or_wait(
    actor: Actor,
    ticket: Ticket,
    *,
    typed: Typed,
    to: To,
    thread: Thread | None = None,
    status: str = "",
    despite: Despite = ASKING,
    undo_seconds: int = 0,
    send_at: datetime | None = None,
    seen_message_id: int | None = None,
    goes_anyway: bool = False,
    client_key: UUID | None = None,
    words: Words | None = None,
) -> Message | WaitingReply:
    """Send a reply now, in some seconds, at a time, or when a mentor has approved it.

    Checked now as it is when it leaves: rights, words, files, addresses, what crossed it. With
    ``thread`` it goes to the third party of that side conversation. ``status`` is a kind of
    status or the id of one, set ``despite`` what is not done yet; ``words`` is what ``typed``
    comes to, where that is known. The same ``client_key`` twice is sent once, and gives the same
    back.
    Raises Invalid, Forbidden, Missing, and Conflict naming newer messages.
    """
    key = client_key or uuid4()
    known = find_by_key(ticket, key)
    if known is not None:
        return known
    words = words or typed_words(actor, typed)
    aside = thread is not None and is_side(thread)
    wanted = find_status(status)
    is_review = waits_for_mentor(actor, ticket, status=wanted, is_side=aside)
    if send_at is None and not undo_seconds and not is_review:
        if aside:
            assert thread is not None
            return write_to_side(
                actor, thread, words=words, client_key=key, account_id=to.account, **_lists(to)
            )
        return send_reply(
            actor,
            ticket,
            words=words,
            status=wanted,
            despite=despite,
            seen_message_id=None if goes_anyway else seen_message_id,
            client_key=key,
            account=to.account,
            **_lists(to),
        )
    return _keep(
        actor,
        ticket,
        WaitingReply(
            thread=thread or main_thread(ticket),
            author_id=actor.person_id or 0,
            state=WaitingState.REVIEW if is_review else WaitingState.WAITING,
            why=_why(send_at, is_review=is_review),
            subject=typed.subject[:300],
            html=typed.html,
            is_rich=typed.is_rich,
            recipients=to.as_json(),
            uploads=list(typed.uploads),
            status=status if wanted else "",
            despite_checklists=despite.checklists,
            despite_parts=despite.parts,
            seen_message_id=seen_message_id or 0,
            goes_anyway=goes_anyway,
            client_key=key,
            due_at=_due(send_at, undo_seconds, is_review=is_review),
        ),
        words,
    )


def find_by_key(ticket: Ticket, key: UUID) -> Message | WaitingReply | None:
    message = Message.objects.filter(ticket=ticket, client_key=key).first()
    return message or WaitingReply.objects.filter(ticket=ticket, client_key=key).first()


@action
def undo_waiting(actor: Actor, waiting: WaitingReply) -> Draft | None:
    """Take it back: its words, files and recipients are a draft of the author's again.

    What they have begun meanwhile stays below it. By the author, or by who may review; None when
    the author has drafts no more. Raises Conflict when it has left already.
    """
    row = lock_waiting(actor, waiting)
    _require_mine(actor, row)
    require_present(row)
    draft = _back_to_draft(row)
    if row.why != WaitingWhy.UNDO:
        record(actor, ReplyCancelled(row.ticket_id, row.author_id, row.pk))
    return draft


@action
def change_waiting(
    actor: Actor,
    waiting: WaitingReply,
    *,
    typed: Typed | None = None,
    to: To | None = None,
    send_at: datetime | None = None,
    goes_anyway: bool | None = None,
    version: int | None = None,
) -> WaitingReply:
    """Another text, other people or another time for what waits; by its author.

    What a mentor had approved waits for them again. Raises Conflict when it changed or left.
    """
    row = lock_waiting(actor, waiting)
    if row.author_id != actor.person_id:
        raise Forbidden(_("Only who wrote it may change it."))
    require_present(row)
    require_same(row, version)
    if typed is not None:
        row.html, row.is_rich, row.uploads = typed.html, typed.is_rich, list(typed.uploads)
    if to is not None:
        _require_addresses(to)
        row.recipients = to.as_json()
    if goes_anyway is not None:
        row.goes_anyway = goes_anyway
    if send_at is not None:
        row.due_at, row.why = _checked_time(send_at), WaitingWhy.LATER
        row.seen_message_id = last_message_id(row.ticket_id)
    is_other = typed is not None or to is not None
    if row.reviewer_id is not None and is_other:
        row.reviewer, row.state = None, WaitingState.REVIEW
    elif row.state == WaitingState.HELD and send_at is not None:
        row.state, row.held_for, row.held_words = WaitingState.WAITING, "", ""
    return save_waiting(row)


@action
def hurry_waiting(actor: Actor, waiting: WaitingReply, *, anyway: bool = False) -> WaitingReply:
    """Let it leave now; ``anyway`` also past what crossed it. By its author.

    What a mentor approved before something crossed it goes to the mentor again. It is released
    like any other: call `release` after this.
    """
    row = lock_waiting(actor, waiting)
    if row.author_id != actor.person_id:
        raise Forbidden(_("Only who wrote it may send it."))
    require(actor, permissions.REPLY)
    require_present(row)
    if row.state == WaitingState.REVIEW:
        raise Forbidden(_("It waits for your mentor."), code="needs_review")
    if row.state == WaitingState.HELD and row.reviewer_id is not None:
        row.state, row.reviewer, row.due_at = WaitingState.REVIEW, None, None
        record(actor, ReplySubmitted(row.ticket_id, row.author_id, row.pk))
        return save_waiting(row)
    if anyway or row.state == WaitingState.HELD:
        row.seen_message_id = last_message_id(row.ticket_id)
    row.state, row.held_for, row.held_words = WaitingState.WAITING, "", ""
    row.due_at = timezone.now()
    return save_waiting(row)


def lock_waiting(actor: Actor, waiting: WaitingReply | int) -> WaitingReply:
    """The row, held. Raises Missing where its ticket is not this one's to see."""
    pk = waiting if isinstance(waiting, int) else waiting.pk
    rows = WaitingReply.objects.select_for_update(of=("self",)).select_related("thread", "author")
    row = rows.filter(pk=pk, thread__ticket__in=Ticket.objects.visible_to(actor)).first()
    if row is None:
        raise Missing(_("There is no such reply, or it is not yours to see."))
    return row


def require_present(row: WaitingReply) -> None:
    if row.state == WaitingState.SENT:
        raise Conflict(_("It has left already."), code="sent", fields={"message": row.message_id})
    if row.state not in PRESENT:
        raise Conflict(_("It was taken back already."), code="cancelled")


def require_same(row: WaitingReply, version: int | None) -> None:
    if version is not None and row.version != version:
        raise Conflict(
            _("It was changed in the meantime."),
            fields={"version": row.version, "html": row.html},
        )


def save_waiting(row: WaitingReply) -> WaitingReply:
    """Store a change and have it released at its time."""
    row.version += 1
    row.save()
    _enqueue(row)
    tell_touched(row.ticket_id)
    return row


def empty_waiting(row: WaitingReply, state: str) -> None:
    """It is over: its words are elsewhere, and only that it was remains."""
    row.state, row.due_at = state, None
    row.html, row.subject, row.comment, row.held_words = "", "", "", ""
    row.recipients, row.uploads = {}, []
    row.version += 1
    row.save()
    tell_touched(row.ticket_id)


@action
def _keep(actor: Actor, ticket: Ticket, row: WaitingReply, words: Words) -> WaitingReply:
    """Everything `reply_to_ticket` would refuse is refused now, before somebody waits for it."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.REPLY)
    if actor.person_id is None:
        raise Forbidden(_("Only a person has replies that wait."))
    if wanted := find_status(row.status):
        require_status(actor, ticket, wanted, Despite(row.despite_checklists, row.despite_parts))
    if not (words.text.strip() or words.files):
        raise Invalid(_("Nothing is written yet."), fields={"text": _("Nothing is written yet.")})
    if ticket.trashed_at is not None:
        raise Forbidden(_("This ticket is in the trash. Restore it to reply."))
    _require_addresses(To(**row.recipients))
    if row.seen_message_id and not row.goes_anyway:
        crossing = find_crossing(ticket.pk, row.author_id, row.seen_message_id)
        if crossing:
            words_ = _("A newer message came while you were writing.")
            raise Conflict(words_, fields={"messages": crossing})
    row.ticket = ticket
    row.seen_message_id = last_message_id(ticket.pk)
    row.save()
    kind = MessageKind.SIDE if is_side(row.thread) else MessageKind.PUBLIC
    Draft.objects.filter(ticket=ticket, author_id=row.author_id, kind=kind).delete()
    if row.state == WaitingState.REVIEW:
        record(actor, ReplySubmitted(ticket.pk, row.author_id, row.pk))
    elif row.why == WaitingWhy.LATER:
        record(actor, ReplyScheduled(ticket.pk, row.author_id, row.pk))
    _enqueue(row)
    tell_touched(ticket.pk)
    return row


def _enqueue(row: WaitingReply) -> None:
    from otklik.tickets.tasks import release_reply

    if row.state == WaitingState.WAITING and row.due_at is not None:
        later = release_reply.using(run_at=row.due_at, unique_key=f"reply:{row.pk}:{row.version}")
        later.enqueue(waiting_id=row.pk)


def _back_to_draft(row: WaitingReply) -> Draft:
    draft = merge_into_draft(
        row.ticket_id,
        row.author_id,
        kind=MessageKind.SIDE if is_side(row.thread) else MessageKind.PUBLIC,
        html=row.html,
        recipients=row.recipients | ({"thread": row.thread_id} if is_side(row.thread) else {}),
        uploads=row.uploads,
        seen_message_id=row.seen_message_id,
    )
    empty_waiting(row, WaitingState.CANCELLED)
    return draft


def _require_mine(actor: Actor, row: WaitingReply) -> None:
    if row.author_id != actor.person_id and not actor.can(permissions.REVIEW):
        raise Forbidden(_("Only who wrote it may take it back."))


def _require_addresses(to: To) -> None:
    everybody = [address for name in ("to", "cc", "bcc") for address in getattr(to, name)]
    if not everybody:
        raise Invalid(_("Choose who gets the reply."), fields={"to": _("Nobody would get this.")})
    if len(everybody) > MAX_RECIPIENTS:
        raise Invalid(too_many_words(), fields={"to": too_many_words()})
    own = own_addresses()
    for name in ("to", "cc", "bcc"):
        for typed in getattr(to, name):
            try:
                address = normalise_email(typed)
            except ValueError:
                words = _("This is no e-mail address: %(value)s") % {"value": typed[:100]}
                raise Invalid(words, fields={name: words}) from None
            if address in own:
                words = _("%(address)s is an address of this desk.") % {"address": address}
                raise Invalid(words, code="own_address", fields={name: words})


def _checked_time(send_at: datetime) -> datetime:
    now = timezone.now()
    if timezone.is_naive(send_at):
        raise Invalid(_("This is no time."), fields={"send_at": _("Say in which time zone.")})
    if send_at <= now:
        words = _("This time has passed. Choose a later one.")
        raise Invalid(words, fields={"send_at": words})
    if send_at > now + LONGEST_WAIT:
        words = _("A reply waits for a year at most.")
        raise Invalid(words, fields={"send_at": words})
    return send_at


def _due(send_at: datetime | None, undo_seconds: int, *, is_review: bool) -> datetime | None:
    if send_at is not None:
        return _checked_time(send_at)
    if is_review:
        return None
    return timezone.now() + timedelta(seconds=max(0, min(undo_seconds, MOST_UNDO_SECONDS)))


def _why(send_at: datetime | None, *, is_review: bool) -> str:
    if is_review:
        return WaitingWhy.REVIEW
    return WaitingWhy.UNDO if send_at is None else WaitingWhy.LATER


def _lists(to: To) -> dict[str, Sequence[str]]:
    return {"to": to.to, "cc": to.cc, "bcc": to.bcc}


def last_message_id(ticket_id: int) -> int:
    rows = Message.objects.filter(ticket=ticket_id).order_by("-id")
    return rows.values_list("id", flat=True).first() or 0
