"""Files inside of a plain text: uuencode and yEnc, as before MIME and still on Usenet gateways."""

from __future__ import annotations

import mimetypes

from otklik.channels.contract import InboundFile

from .body import Body
from .parameters import clean_name
from .transfer import list_uuencoded, list_yenc


def take_inline_files(content: bytes, body: Body) -> bytes:
    """The text without them; they become files of the letter."""
    if b"begin" not in content:
        return content
    found = [*list_uuencoded(content), *list_yenc(content)] if _may_hold(content) else []
    pieces: list[bytes] = []
    position = 0
    for name, data, start, end in sorted(found, key=lambda one: one[2]):
        if start < position:
            continue
        pieces.append(content[position:start])
        position = end
        clean = _named(name) or f"attachment-{len(body.files) + 1}.bin"
        kind = mimetypes.guess_type(clean)[0] or "application/octet-stream"
        body.add_file(InboundFile(clean, kind, data))
        body.notes.append("a file inside the text")
    return b"".join([*pieces, content[position:]]) if found else content


def _may_hold(content: bytes) -> bool:
    return b"begin " in content or b"begin-base64 " in content or b"=ybegin " in content


def _named(name: str) -> str:
    from .charsets import decode

    return clean_name(decode(name.encode("latin-1", "replace"))[0])
