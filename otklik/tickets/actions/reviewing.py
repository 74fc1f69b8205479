"""Trainees and their mentors: what a trainee writes to the outside waits until it is approved."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.kit.text import clean_text
from otklik.people.models import Agent
from otklik.people.permissions import MANAGE_AGENTS
from otklik.tickets import permissions
from otklik.tickets.actions.drafts import merge_into_draft
from otklik.tickets.actions.side import is_side
from otklik.tickets.actions.waiting import (
    empty_waiting,
    last_message_id,
    lock_waiting,
    require_present,
    require_same,
    save_waiting,
)
from otklik.tickets.models import (
    MessageKind,
    ReviewScope,
    Traineeship,
    WaitingReply,
    WaitingState,
    WaitingWhy,
)
from otklik.tickets.queries.crossing import find_crossing
from otklik.tickets.sending_events import ReplyApproved, ReplyReturned, TraineeChanged

MOST_COMMENT = 5000


@action
def set_mentor(
    actor: Actor, agent: Agent, mentor: Agent | None, *, scope: str = ReviewScope.ALL
) -> Traineeship | None:
    """Have somebody's replies checked by a mentor, or no more. What waits already stays.

    Raises Forbidden, and Invalid for who would check themselves or learns too.
    """
    if not actor.can(MANAGE_AGENTS):
        raise Forbidden(_("Only an administrator may change agents."))
    known = Traineeship.objects.select_for_update().filter(agent=agent).first()
    if mentor is None:
        if known is not None:
            known.delete()
            record(actor, TraineeChanged(agent.person_id, agent.pk, None))
        return None
    _require_mentor(agent, mentor)
    if scope not in ReviewScope.values:
        raise Invalid(_("Some values make no sense."), fields={"scope": _("There is none.")})
    if known is not None and (known.mentor_id, known.scope) == (mentor.pk, scope):
        return known
    row = known or Traineeship(agent=agent)
    row.mentor, row.scope = mentor, scope
    row.save()
    record(actor, TraineeChanged(agent.person_id, agent.pk, mentor.pk, scope))
    return row


@action
def approve_reply(
    actor: Actor,
    waiting: WaitingReply,
    *,
    html: str | None = None,
    version: int | None = None,
    seen_message_id: int | None = None,
) -> WaitingReply:
    """Let a trainee's reply leave, with other words where ``html`` is given; theirs stays the name
    on it. What came after ``seen_message_id`` still crosses it. Call `release` after this.

    By the mentor or who may review, never by the author. Raises Forbidden, and Conflict when it
    was changed since it was read.
    """
    row = lock_waiting(actor, waiting)
    demand_reviewer(actor, row)
    _require_review(row)
    require_same(row, version)
    is_edited = html is not None and html != row.html
    if html is not None:
        row.html, row.is_rich = html, True
    row.reviewer_id = actor.person_id
    row.seen_message_id = seen_message_id or last_message_id(row.ticket_id)
    row.state, row.held_for, row.held_words, row.comment = WaitingState.WAITING, "", "", ""
    is_later = row.due_at is not None and row.due_at > timezone.now()
    row.why = WaitingWhy.LATER if is_later else WaitingWhy.REVIEW
    row.due_at = row.due_at if is_later else timezone.now()
    save_waiting(row)
    record(actor, ReplyApproved(row.ticket_id, row.author_id, row.pk, is_edited))
    return row


@action
def return_reply(
    actor: Actor, waiting: WaitingReply, *, comment: str, version: int | None = None
) -> None:
    """Give it back to the trainee as a draft, saying why; the comment is a note of the ticket.

    Raises Invalid for no comment, Forbidden, Conflict.
    """
    from otklik.tickets.actions.writing import add_note
    from otklik.tickets.bodies import written_by_hand

    row = lock_waiting(actor, waiting)
    demand_reviewer(actor, row)
    _require_review(row)
    require_same(row, version)
    words = clean_text(comment)[:MOST_COMMENT].strip()
    if not words:
        told = _("Say what should be different.")
        raise Invalid(told, fields={"comment": told})
    there, seen = row.thread.ticket, row.seen_message_id
    has_crossed = bool(find_crossing(there.pk, row.author_id, seen))
    if actor.can(permissions.NOTE):
        intro = _("For %(name)s, about the reply that was to go out:") % {"name": row.author.name}
        note = add_note(actor, there, words=written_by_hand(text=f"{intro}\n\n{words}"))
        # The comment comes with the draft: it is no news that crosses it.
        seen = seen if has_crossed else note.pk
    merge_into_draft(
        row.ticket_id,
        row.author_id,
        kind=MessageKind.SIDE if is_side(row.thread) else MessageKind.PUBLIC,
        html=row.html,
        recipients=row.recipients | ({"thread": row.thread_id} if is_side(row.thread) else {}),
        uploads=row.uploads,
        seen_message_id=seen,
    )
    row.reviewer_id = actor.person_id
    empty_waiting(row, WaitingState.CANCELLED)
    record(actor, ReplyReturned(row.ticket_id, row.author_id, row.pk))


def is_reviewer(actor: Actor, row: WaitingReply) -> bool:
    """The author's mentor, or somebody in their place; nobody for what they wrote themselves."""
    if actor.person_id is None or actor.person_id == row.author_id:
        return False
    if not actor.can(permissions.REPLY):
        return False
    if actor.can(permissions.REVIEW):
        return True
    mentors = Traineeship.objects.filter(agent__person_id=row.author_id)
    return mentors.filter(mentor__person_id=actor.person_id).exists()


def demand_reviewer(actor: Actor, row: WaitingReply) -> None:
    if not is_reviewer(actor, row):
        raise Forbidden(_("It waits for the mentor of who wrote it, or for one who may review."))


def _require_review(row: WaitingReply) -> None:
    require_present(row)
    if row.state != WaitingState.REVIEW:
        raise Conflict(_("It does not wait for a mentor any more."), code="not_in_review")


def _require_mentor(agent: Agent, mentor: Agent) -> None:
    if mentor.pk == agent.pk:
        words = _("Nobody checks their own replies.")
    elif not mentor.is_active:
        words = _("This agent can no longer sign in.")
    elif Traineeship.objects.filter(agent=mentor).exists():
        words = _("This agent learns too. Choose one whose own replies wait for nobody.")
    elif Traineeship.objects.filter(mentor=agent).exists():
        words = _("This agent is a mentor of others. Give those another mentor first.")
    else:
        return
    raise Invalid(words, fields={"mentor": words})
