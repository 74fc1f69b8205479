"""What somebody typed, with their files, made ready for a message before any transaction."""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NoBase64
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from django.utils.translation import gettext as _

from otklik.core import files
from otklik.core.access import Actor, Invalid
from otklik.core.files import FileTooLarge
from otklik.core.settings import config
from otklik.tickets.actions.drafts import INLINE_UPLOAD, NAMED_UPLOAD, take_uploads
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import StoredFile, Words
from otklik.tickets.models import Upload

MOST_FILES = 50
_DATA = re.compile(r"data:image/(png|jpe?g|gif|webp);base64,(.+)", re.I | re.S)


@dataclass(frozen=True, slots=True)
class Typed:
    """``html`` is as it stands in the field: rich text, or plain text where ``is_rich`` is not.

    Its pictures are uploads (``/uploads/TOKEN/`` or ``cid:TOKEN``) or ``data:`` pictures.
    """

    html: str = ""
    is_rich: bool = True
    uploads: Sequence[str] = ()
    subject: str = ""


def typed_words(actor: Actor, typed: Typed) -> Words:
    """Clean words with files; pictures among the words become parts of the message.

    Parses, reads, and stores the bytes of ``data:`` pictures. Raises Missing for a file that is
    no longer there and Invalid for a picture that is none or too large.
    """
    html, text = (typed.html, "") if typed.is_rich else ("", typed.html)
    inline = _inline_tokens(actor, html)
    tokens = [token for token in typed.uploads if token not in inline][:MOST_FILES]
    stored = take_uploads(actor, [*tokens, *inline])
    pictures = _Pictures(frozenset(inline))
    words = written_by_hand(
        html=html,
        text=text,
        subject=typed.subject,
        image_url=pictures.place,
        data_url=pictures.keep,
        by_staff=True,
    )
    return replace(words, files=[*(_as_part(one, inline) for one in stored), *pictures.kept])


def _inline_tokens(actor: Actor, html: str) -> list[str]:
    """Uploads that stand among the words. What another desk or mail program calls ``cid:`` is
    none of them and falls away."""
    placed = list(dict.fromkeys(INLINE_UPLOAD.findall(html)))[:MOST_FILES]
    named = [token for token in dict.fromkeys(NAMED_UPLOAD.findall(html)) if token not in placed]
    if not named:
        return placed
    mine = Upload.objects.filter(owner_id=actor.person_id, token__in=named[:MOST_FILES])
    known = set(mine.values_list("token", flat=True))
    return [*placed, *(token for token in named if token in known)][:MOST_FILES]


def _as_part(file: StoredFile, inline: Sequence[str]) -> StoredFile:
    """An upload that was not meant for among the words is there all the same."""
    if not file.token or file.token not in inline:
        return file
    return replace(file, content_id=file.token, is_inline=True)


@dataclass(slots=True)
class _Pictures:
    inline: frozenset[str]
    kept: list[StoredFile] = field(default_factory=list)

    def place(self, address: str) -> str | None:
        found = INLINE_UPLOAD.search(address) or NAMED_UPLOAD.fullmatch(address)
        return f"cid:{found.group(1)}" if found and found.group(1) in self.inline else None

    def keep(self, address: str) -> str | None:
        found = _DATA.fullmatch(address)
        if found is None or len(self.kept) >= MOST_FILES:
            return None
        kind = found.group(1).lower().replace("jpg", "jpeg")
        try:
            content = b64decode(found.group(2), validate=True)
            blob = files.store_blob(content, max_size=config().max_upload)
        except NoBase64:
            words = _("A picture in the text cannot be read.")
            raise Invalid(words, fields={"html": words}) from None
        except FileTooLarge:
            words = _("A picture in the text is too large.")
            raise Invalid(words, fields={"html": words}) from None
        name = f"picture-{len(self.kept) + 1}.{kind}"
        content_id = f"{blob.sha256[:24]}-{len(self.kept) + 1}"
        self.kept.append(StoredFile(blob, name, f"image/{kind}", content_id, is_inline=True))
        return f"cid:{content_id}"
