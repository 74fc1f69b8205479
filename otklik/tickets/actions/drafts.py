"""Drafts, uploads and read marks: no facts, hence no events."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import files
from otklik.core.access import Actor, Conflict, Forbidden, Missing
from otklik.core.db import action
from otklik.core.files.models import Blob
from otklik.kit.html import html_to_text
from otklik.kit.text import clean_line
from otklik.notify.actions import read_thing
from otklik.tickets.contract import StoredFile
from otklik.tickets.models import (
    PRESENT,
    Draft,
    DraftHandover,
    HandoverState,
    Message,
    ReadMark,
    Ticket,
    Upload,
    WaitingReply,
)

INLINE_UPLOAD = re.compile(r"/uploads/([A-Za-z0-9_-]{10,32})/")
# As programs say it; what mail programs name so has other signs in it.
NAMED_UPLOAD = re.compile(r"cid:([A-Za-z0-9_-]{10,32})(?![A-Za-z0-9_.@-])")


@action
def save_draft(
    actor: Actor,
    ticket: Ticket,
    *,
    kind: str,
    html: str,
    recipients: Mapping[str, Any] | None = None,
    uploads: Sequence[str] = (),
    seen_message_id: int = 0,
    version: int | None = None,
) -> Draft:
    """Keep what is typed. ``version`` is the draft's as last seen: another window of the same
    person that saved in between raises Conflict with its text."""
    if actor.person_id is None:
        raise Forbidden(_("Only a person has drafts."))
    draft = (
        Draft.objects.select_for_update()
        .filter(ticket=ticket, author_id=actor.person_id, kind=kind)
        .first()
    )
    if draft is None:
        draft = Draft(ticket=ticket, author_id=actor.person_id, kind=kind, version=0)
    elif version is not None and draft.version != version:
        raise Conflict(
            _("This draft was changed in another window."),
            fields={"html": draft.html, "version": draft.version},
        )
    draft.html = html
    draft.recipients = dict(recipients or {})
    draft.uploads = list(uploads)
    draft.seen_message_id = seen_message_id
    draft.version += 1
    draft.save()
    return draft


def merge_into_draft(
    ticket_id: int,
    author_id: int,
    *,
    kind: str,
    html: str,
    recipients: Mapping[str, Any],
    uploads: Sequence[str],
    seen_message_id: int = 0,
) -> Draft:
    """Make words a draft of somebody. What they have begun themselves stays, below them. Inside
    the caller's transaction."""
    draft = (
        Draft.objects.select_for_update()
        .filter(ticket=ticket_id, author_id=author_id, kind=kind)
        .first()
    ) or Draft(ticket_id=ticket_id, author_id=author_id, kind=kind, version=0)
    own = draft.html if html_to_text(draft.html).strip() or "<img" in draft.html else ""
    draft.html = f"{html}<hr>{own}" if own and own != html else html
    draft.recipients = dict(recipients)
    draft.uploads = list(dict.fromkeys([*uploads, *draft.uploads]))
    draft.seen_message_id = seen_message_id
    draft.version += 1
    draft.save()
    return draft


@action
def drop_draft(actor: Actor, ticket: Ticket, kind: str) -> None:
    Draft.objects.filter(ticket=ticket, author_id=actor.person_id, kind=kind).delete()


@action
def add_upload(
    actor: Actor, blob: Blob, *, name: str, content_type: str, is_inline: bool = False
) -> Upload:
    """Keep a file for a message that is not sent yet; its blob is held."""
    files.hold(blob)
    return Upload.objects.create(
        owner_id=actor.person_id,
        blob=blob,
        name=clean_line(name, 255) or "file",
        content_type=clean_line(content_type, 127),
        size=blob.size,
        is_inline=is_inline,
    )


def take_uploads(actor: Actor, tokens: Sequence[str]) -> list[StoredFile]:
    """The files behind upload tokens, in that order. Raises Missing for one that is not theirs."""
    if not tokens:
        return []
    rows = {
        row.token: row
        for row in Upload.objects.filter(
            token__in=list(tokens), owner_id=actor.person_id
        ).select_related("blob")
    }
    missing = [token for token in tokens if token not in rows]
    if missing:
        raise Missing(_("A file is no longer there. Add it again."), fields={"uploads": missing})
    return [
        StoredFile(
            blob=rows[token].blob,
            name=rows[token].name,
            content_type=rows[token].content_type,
            content_id=rows[token].token if rows[token].is_inline else "",
            is_inline=rows[token].is_inline,
            token=token,
        )
        for token in dict.fromkeys(tokens)
    ]


@action
def drop_upload(actor: Actor, token: str) -> None:
    for row in Upload.objects.filter(token=token, owner_id=actor.person_id).select_related("blob"):
        files.release(row.blob)
        row.delete()


@action
def drop_old_uploads(older_than: timedelta = timedelta(days=1), limit: int = 200) -> int:
    """Forget files nobody sent. Drafts keep theirs alive while they are younger than a week."""
    since = timezone.now() - older_than
    kept: set[str] = set()
    recent = Draft.objects.filter(updated_at__gte=timezone.now() - timedelta(days=7))
    for tokens in recent.values_list("uploads", flat=True):
        kept.update(tokens)
    # What waits to be sent or was handed over holds its files for as long as it takes.
    for tokens in WaitingReply.objects.filter(state__in=PRESENT).values_list("uploads", flat=True):
        kept.update(tokens)
    given = DraftHandover.objects.filter(state=HandoverState.GIVEN)
    for tokens in given.values_list("uploads", flat=True):
        kept.update(tokens)
    for words in WaitingReply.objects.filter(state__in=PRESENT).values_list("html", flat=True):
        kept.update([*INLINE_UPLOAD.findall(words), *NAMED_UPLOAD.findall(words)])
    rows = Upload.objects.filter(created_at__lt=since).exclude(token__in=kept)
    dropped = 0
    for row in rows.select_related("blob")[:limit]:
        files.release(row.blob)
        row.delete()
        dropped += 1
    return dropped


@action
def mark_read(actor: Actor, ticket: Ticket, message: Message | None = None) -> None:
    """Remember that somebody has read up to a message, the last one by default. What told them of
    the ticket is read with it. A page that was cut off and knows less takes nothing back."""
    last = message.pk if message else _last_message_id(ticket)
    mark, is_first = ReadMark.objects.get_or_create(
        ticket=ticket,
        person_id=actor.person_id,
        defaults={"message_id": last, "read_at": timezone.now()},
    )
    if not is_first and mark.message_id < last:
        mark.message_id, mark.read_at = last, timezone.now()
        mark.save(update_fields=["message_id", "read_at"])
    read_thing(actor, "ticket", ticket.pk, up_to=last)


def _last_message_id(ticket: Ticket) -> int:
    return (
        Message.objects.filter(ticket=ticket).order_by("-id").values_list("id", flat=True).first()
        or 0
    )
