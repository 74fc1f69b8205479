"""What somebody typed, with their files, made ready for a message before any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from otklik.core.access import Actor
from otklik.tickets.actions.drafts import INLINE_UPLOAD, take_uploads
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import Words

MOST_FILES = 50


@dataclass(frozen=True, slots=True)
class Typed:
    """``html`` is as it stands in the field: rich text, or plain text where ``is_rich`` is not."""

    html: str = ""
    is_rich: bool = True
    uploads: Sequence[str] = ()
    subject: str = ""


def typed_words(actor: Actor, typed: Typed) -> Words:
    """Clean words with files; pictures among the words become parts of the message.

    Parses and reads. Raises Missing for a file that is no longer there.
    """
    html, text = (typed.html, "") if typed.is_rich else ("", typed.html)
    tokens = list(typed.uploads)
    inline = [token for token in dict.fromkeys(INLINE_UPLOAD.findall(html)) if token not in tokens]
    files = take_uploads(actor, [*tokens[:MOST_FILES], *inline[:MOST_FILES]])

    def place(address: str) -> str | None:
        found = INLINE_UPLOAD.search(address)
        return f"cid:{found.group(1)}" if found and found.group(1) in inline else None

    return written_by_hand(
        html=html,
        text=text,
        files=files,
        subject=typed.subject,
        image_url=place,
        by_staff=True,
    )
