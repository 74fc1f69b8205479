"""Drafts given to a colleague. Neither's words are ever overwritten by the other's."""

from __future__ import annotations

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.kit.text import clean_line
from otklik.people.actors import actor_for_user
from otklik.people.models import Agent, User
from otklik.tickets import permissions
from otklik.tickets.actions.drafts import INLINE_UPLOAD, merge_into_draft
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.live import tell_touched
from otklik.tickets.models import (
    Draft,
    DraftHandover,
    HandoverState,
    MessageKind,
    Ticket,
    Upload,
)
from otklik.tickets.sending_events import DraftGivenBack, DraftHandedOver, DraftTaken


@action
def hand_over_draft(
    actor: Actor,
    ticket: Ticket,
    receiver: Agent,
    *,
    kind: str,
    comment: str = "",
    version: int | None = None,
) -> DraftHandover:
    """Give one's draft in a ticket to a colleague who may see the ticket and write there.

    Raises Missing for no draft, Invalid for who cannot go on with it, and Conflict with the words
    of another window when ``version`` is not the draft's.
    """
    ticket = lock_ticket(actor, ticket)
    mine = Draft.objects.select_for_update().filter(ticket=ticket, author_id=actor.person_id)
    draft = mine.filter(kind=kind).first()
    if draft is None or not (draft.html.strip() or draft.uploads):
        raise Missing(_("There is no draft to hand over."))
    if version is not None and draft.version != version:
        raise Conflict(
            _("This draft was changed in another window."),
            fields={"html": draft.html, "version": draft.version},
        )
    _require_able(ticket, receiver, kind, actor)
    assert actor.person_id is not None  # whose draft it is
    row = DraftHandover.objects.create(
        ticket=ticket,
        kind=kind,
        giver_id=actor.person_id,
        receiver_id=receiver.person_id,
        html=draft.html,
        recipients=draft.recipients,
        uploads=draft.uploads,
        seen_message_id=draft.seen_message_id,
        comment=clean_line(comment, 500),
    )
    draft.delete()
    record(actor, DraftHandedOver(ticket.pk, receiver.person_id, row.pk))
    tell_touched(ticket.pk)
    return row


@action
def take_draft(actor: Actor, handover: DraftHandover) -> Draft:
    """Go on with what was given: a draft of one's own now, above what one had begun."""
    row = _locked(actor, handover)
    if row.receiver_id != actor.person_id:
        raise Forbidden(_("It was given to somebody else."))
    draft = _settle(row, row.receiver_id, HandoverState.TAKEN)
    record(actor, DraftTaken(row.ticket_id, row.giver_id, row.pk))
    return draft


@action
def give_back_draft(actor: Actor, handover: DraftHandover) -> Draft:
    """The receiver returns it, or the giver takes it back: a draft of the giver's again."""
    row = _locked(actor, handover)
    if actor.person_id not in (row.receiver_id, row.giver_id):
        raise Forbidden(_("It was given to somebody else."))
    draft = _settle(row, row.giver_id, HandoverState.RETURNED)
    record(actor, DraftGivenBack(row.ticket_id, row.giver_id, row.pk))
    return draft


def _locked(actor: Actor, handover: DraftHandover) -> DraftHandover:
    rows = DraftHandover.objects.select_for_update().filter(pk=handover.pk)
    row = rows.filter(ticket__in=Ticket.objects.visible_to(actor)).first()
    if row is None:
        raise Missing(_("There is no such draft, or it is not yours to see."))
    if row.state != HandoverState.GIVEN:
        raise Conflict(_("Somebody has taken it already."), code="taken")
    return row


def _settle(row: DraftHandover, owner_id: int, state: str) -> Draft:
    tokens = [*row.uploads, *INLINE_UPLOAD.findall(row.html)]
    Upload.objects.filter(token__in=tokens, owner_id__in=(row.giver_id, row.receiver_id)).update(
        owner_id=owner_id
    )
    draft = merge_into_draft(
        row.ticket_id,
        owner_id,
        kind=row.kind,
        html=row.html,
        recipients=row.recipients,
        uploads=row.uploads,
        seen_message_id=row.seen_message_id,
    )
    row.state, row.settled_at = state, timezone.now()
    row.html, row.recipients, row.uploads, row.comment = "", {}, [], ""
    row.save()
    tell_touched(row.ticket_id)
    return draft


def _require_able(ticket: Ticket, receiver: Agent, kind: str, actor: Actor) -> None:
    words = ""
    user = User.objects.filter(person_id=receiver.person_id, is_active=True).first()
    theirs = actor_for_user(user) if user is not None else None
    permission = permissions.NOTE if kind == MessageKind.NOTE else permissions.REPLY
    if receiver.person_id == actor.person_id:
        words = _("It is yours already.")
    elif theirs is None or not theirs.is_staff:
        words = _("This agent can no longer sign in.")
    elif not theirs.can(permission):
        words = _("This agent may not write that.")
    elif not Ticket.objects.visible_to(theirs).filter(pk=ticket.pk).exists():
        words = _("This agent does not see this ticket.")
    if words:
        raise Invalid(words, fields={"receiver": words})
    require(actor, permission)
