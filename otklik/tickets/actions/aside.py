"""Beginning to talk aside, with words to send; and files of the talk taken along."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Missing
from otklik.core.db import action
from otklik.tickets.actions.drafts import add_upload
from otklik.tickets.actions.side import open_side
from otklik.tickets.actions.waiting import To, find_by_key, send_or_wait
from otklik.tickets.contract import Words
from otklik.tickets.doors import lock_ticket
from otklik.tickets.models import Attachment, Message, Ticket, WaitingReply
from otklik.tickets.typed import MOST_FILES, Typed, typed_words


def begin_side(
    actor: Actor,
    ticket: Ticket,
    *,
    subject: str,
    typed: Typed,
    to: To,
    undo_seconds: int = 0,
    send_at: datetime | None = None,
    client_key: UUID | None = None,
) -> Message | WaitingReply:
    """Open a side conversation and write its first words, which may wait like any other.

    The same ``client_key`` twice opens one. Raises what `open_side` and `send_or_wait` raise.
    """
    key = client_key or uuid4()
    words = typed_words(actor, typed)
    return _begin(actor, ticket, subject, typed, words, to, undo_seconds, send_at, key)


@action
def take_along(actor: Actor, ticket: Ticket, tokens: Sequence[str]) -> list[str]:
    """Files of a ticket's messages as uploads of this one, to be sent on. Raises Missing."""
    rows = {
        row.token: row
        for row in Attachment.objects.select_related("blob").filter(
            token__in=list(tokens)[:MOST_FILES],
            message__ticket__in=Ticket.objects.visible_to(actor).filter(pk=ticket.pk),
        )
    }
    if len(rows) < len(set(tokens)):
        raise Missing(_("A file is no longer there. Add it again."))
    return [
        add_upload(actor, row.blob, name=row.name, content_type=row.content_type).token
        for row in (rows[token] for token in dict.fromkeys(tokens))
    ]


@action
def _begin(
    actor: Actor,
    ticket: Ticket,
    subject: str,
    typed: Typed,
    words: Words,
    to: To,
    undo_seconds: int,
    send_at: datetime | None,
    key: UUID,
) -> Message | WaitingReply:
    # Held before it is looked for: a double click finds what the first one made.
    lock_ticket(actor, ticket)
    known = find_by_key(ticket, key)
    if known is not None:
        return known
    thread = open_side(actor, ticket, subject=subject, to=to.to, cc=to.cc, account_id=to.account)
    return send_or_wait(
        actor,
        ticket,
        typed=typed,
        to=to,
        thread=thread,
        undo_seconds=undo_seconds,
        send_at=send_at,
        client_key=key,
        words=words,
    )
