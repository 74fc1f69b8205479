"""A canned reply filled in for one ticket, in the language of its customer."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.vocabulary import Target, find_placeholder, render
from otklik.kit.html import rich_text_to_plain, sanitise_rich_text
from otklik.tickets.actions import add_upload
from otklik.tickets.models import Ticket, Upload
from otklik.tickets.placeholders import context_of
from otklik.workspace.models import CannedFile, CannedReply, CannedText

_PREVIEWED = 600


@dataclass(frozen=True, slots=True)
class Filled:
    """``html`` names its pictures ``cid:<token>`` until it is inserted; ``empty`` are the labels
    of placeholders nothing was known for, marked in the text as <mark>[label]</mark>."""

    html: str
    language: str
    empty: Sequence[str] = ()
    uploads: Sequence[Upload] = ()

    @property
    def text(self) -> str:
        return rich_text_to_plain(self.html)

    @property
    def preview(self) -> str:
        text = self.text
        return text if len(text) <= _PREVIEWED else text[: _PREVIEWED - 1].rstrip() + "…"


def languages_wanted(ticket: Ticket | None) -> list[str]:
    """What the ticket's customer reads, most wanted first."""
    if ticket is None:
        return []
    account = ticket.account.language if ticket.account else ""
    wanted = (ticket.language, ticket.requester.language, account, ticket.brand.language)
    return [code.partition("-")[0].lower() for code in wanted if code]


def choose_text(canned: CannedReply, wanted: Sequence[str]) -> CannedText | None:
    """In the first language there is one in, else whichever was written first."""
    texts = {row.language: row for row in canned.texts.all()}
    for code in wanted:
        if code in texts:
            return texts[code]
    return next(iter(texts.values()), None)


def fill_canned(
    actor: Actor, canned: CannedReply, ticket: Ticket | None, *, language: str = ""
) -> Filled:
    """Reads only; ``language`` overrides the ticket's."""
    row = choose_text(canned, [language, *languages_wanted(ticket)])
    if row is None:
        return Filled("", language)
    labels: dict[str, str] = {}

    def mark(name: str) -> str:
        found = find_placeholder(name)
        with override(row.language):
            labels[name] = str(found.label) if found else name
        return f"<mark>[{escape(labels[name])}]</mark>"

    context = context_of(ticket, actor, language=row.language)
    html = render(row.html, context, target=Target.HTML, empty=mark)
    return Filled(html, row.language, list(labels.values()))


def insert_canned(
    actor: Actor, canned: CannedReply, ticket: Ticket | None, *, language: str = ""
) -> Filled:
    """Fill it in for an editor: its files become this one's uploads, pictures point at them, and
    the use is counted."""
    filled = fill_canned(actor, canned, ticket, language=language)
    used = set(re.findall(r"cid:([A-Za-z0-9_-]{10,32})", filled.html))
    files = [file for file in canned.files.all() if not file.is_inline or file.token in used]
    uploads = _lend(actor, canned, files)
    places = {
        file.token: reverse("tickets:upload", args=[upload.token])
        for file, upload in zip(files, uploads, strict=True)
        if file.is_inline
    }
    html = sanitise_rich_text(
        filled.html, image_url=lambda address: places.get(address.removeprefix("cid:"))
    )
    attached = [upload for upload in uploads if not upload.is_inline]
    return Filled(str(html), filled.language, filled.empty, attached)


@action
def _lend(actor: Actor, canned: CannedReply, files: Sequence[CannedFile]) -> list[Upload]:
    CannedReply.objects.filter(pk=canned.pk).update(uses=F("uses") + 1, last_used_at=timezone.now())
    return [
        add_upload(
            actor,
            file.blob,
            name=file.name,
            content_type=file.content_type,
            is_inline=file.is_inline,
        )
        for file in files
    ]
