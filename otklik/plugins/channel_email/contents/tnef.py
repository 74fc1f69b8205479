"""winmail.dat: what Outlook and Exchange put into one file instead of MIME ([MS-OXTNEF]).

Every length is checked against what is there; a bundle that breaks off gives what came before.
"""

from __future__ import annotations

import mimetypes
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from otklik.channels.contract import InboundFile
from otklik.plugins.channel_email.charset_labels import codec_name
from otklik.plugins.channel_email.charsets import decode, tidy
from otklik.plugins.channel_email.parameters import clean_name

from .rtf import decompress, rtf_to_html, rtf_to_text

SIGNATURE = 0x223E9F78
MAX_ATTRIBUTES = 5000
MAX_PROPERTIES = 2000
MAX_FILES = 200
MAX_DEPTH = 4

_BODY, _MAPI, _SUBJECT = 0x800C, 0x9003, 0x8004
_RENDER, _TITLE, _DATA, _ATTACHMENT, _CODEPAGE = 0x9002, 0x8010, 0x800F, 0x9005, 0x9007
_FIXED = {2: 4, 3: 4, 4: 4, 5: 8, 6: 8, 7: 8, 0x0A: 4, 0x0B: 4, 0x14: 8, 0x40: 8, 0x48: 16}
_VARIABLE = {0x1E, 0x1F, 0x0D, 0x102}
_P_SUBJECT, _P_BODY, _P_RTF, _P_HTML, _P_CODEPAGE = 0x0037, 0x1000, 0x1009, 0x1013, 0x3FDE
_P_DATA, _P_SHORT_NAME, _P_LONG_NAME, _P_KIND = 0x3701, 0x3704, 0x3707, 0x370E
_P_CONTENT_ID, _P_SHOWN = 0x3712, 0x3001


@dataclass(slots=True)
class Bundle:
    plain: str = ""
    html: str = ""
    subject: str = ""
    files: list[InboundFile] = field(default_factory=list)
    is_cut: bool = False


@dataclass(slots=True)
class _Attachment:
    title: bytes = b""
    data: bytes = b""
    properties: dict[int, tuple[int, bytes]] = field(default_factory=dict)


def read_tnef(data: bytes, *, depth: int = 0) -> Bundle | None:
    """What is in the bundle; None when it is none."""
    if len(data) < 6 or struct.unpack_from("<I", data)[0] != SIGNATURE or depth > MAX_DEPTH:
        return None
    bundle = Bundle()
    codec = "cp1252"
    properties: dict[int, tuple[int, bytes]] = {}
    attachments: list[_Attachment] = []
    body = b""
    for level, number, value in _attributes(data, bundle):
        if level == 2 and (number == _RENDER or not attachments):
            if len(attachments) >= MAX_FILES:
                bundle.is_cut = True
                break
            attachments.append(_Attachment())
        if number == _CODEPAGE and len(value) >= 4:
            codec = codec_name(f"cp{struct.unpack_from('<I', value)[0]}") or codec
        elif number == _BODY:
            body = value
        elif number == _SUBJECT:
            bundle.subject = _string(value, codec)
        elif number == _MAPI:
            properties = dict(_properties(value))
        elif level == 2 and number == _TITLE:
            attachments[-1].title = value
        elif level == 2 and number == _DATA:
            attachments[-1].data = value
        elif level == 2 and number == _ATTACHMENT:
            attachments[-1].properties = dict(_properties(value))
    _read_texts(bundle, properties, body, codec)
    for attachment in attachments:
        _add(bundle, attachment, codec, depth)
    return bundle


def _attributes(data: bytes, bundle: Bundle) -> Iterator[tuple[int, int, bytes]]:
    position = 6
    for _count in range(MAX_ATTRIBUTES):
        if position + 9 > len(data):
            return
        level, number, length = struct.unpack_from("<BII", data, position)
        position += 9
        value = data[position : position + length]
        if len(value) < length:
            bundle.is_cut = True
        yield level, number & 0xFFFF, value
        position += length + 2


def _properties(data: bytes) -> Iterator[tuple[int, tuple[int, bytes]]]:
    """(id, (type, value)) of a MAPI property stream; of several values the first."""
    if len(data) < 4:
        return
    count = min(struct.unpack_from("<I", data)[0], MAX_PROPERTIES)
    position = 4
    for _count in range(count):
        if position + 4 > len(data):
            return
        kind, number = struct.unpack_from("<HH", data, position)
        position += 4
        if number >= 0x8000:
            position = _after_name(data, position)
        is_many, kind = bool(kind & 0x1000), kind & 0x0FFF
        values = 1
        if is_many or kind in _VARIABLE:
            if position + 4 > len(data):
                return
            values = struct.unpack_from("<I", data, position)[0]
            position += 4
        if kind not in _VARIABLE and kind not in _FIXED:
            return
        first: bytes | None = None
        for _value in range(min(values, MAX_PROPERTIES)):
            size = _FIXED.get(kind, 0)
            if kind in _VARIABLE:
                if position + 4 > len(data):
                    return
                size = struct.unpack_from("<I", data, position)[0]
                position += 4
            if first is None:
                first = data[position : position + size]
            position += size + (-size % 4)
        yield number, (kind, first or b"")


def _after_name(data: bytes, position: int) -> int:
    """Behind the name of a named property: a GUID, then a number or a string."""
    position += 16
    if position + 8 > len(data):
        return len(data)
    kind, size = struct.unpack_from("<II", data, position)
    position += 8
    return position if kind == 0 else position + size + (-size % 4)


def _read_texts(
    bundle: Bundle, properties: dict[int, tuple[int, bytes]], body: bytes, codec: str
) -> None:
    if _P_CODEPAGE in properties and len(properties[_P_CODEPAGE][1]) >= 4:
        number = struct.unpack_from("<I", properties[_P_CODEPAGE][1])[0]
        internet = codec_name(f"cp{number}")
    else:
        internet = ""
    bundle.subject = bundle.subject or _property(properties, _P_SUBJECT, codec)
    bundle.plain = _property(properties, _P_BODY, codec) or _string(body, codec)
    kind, value = properties.get(_P_HTML, (0, b""))
    if value:
        is_wide = kind == 0x1F
        bundle.html = tidy(decode(value.rstrip(b"\0"), "utf-16-le" if is_wide else internet)[0])
    rtf = decompress(properties[_P_RTF][1]) if _P_RTF in properties else b""
    if rtf:
        bundle.html = bundle.html or tidy(rtf_to_html(rtf))
        if not bundle.plain.strip() and not bundle.html:
            bundle.plain = tidy(rtf_to_text(rtf))


def _property(properties: dict[int, tuple[int, bytes]], number: int, codec: str) -> str:
    kind, value = properties.get(number, (0, b""))
    if kind == 0x1F:
        return tidy(value.decode("utf-16-le", "replace").rstrip("\0"))
    return _string(value, codec) if kind == 0x1E else ""


def _string(value: bytes, codec: str) -> str:
    return tidy(decode(value.rstrip(b"\0"), codec)[0])


def _add(bundle: Bundle, attachment: _Attachment, codec: str, depth: int) -> None:
    given = attachment.properties
    name = clean_name(
        _property(given, _P_LONG_NAME, codec)
        or _string(attachment.title, codec)
        or _property(given, _P_SHORT_NAME, codec)
        or _property(given, _P_SHOWN, codec)
    )
    kind, value = given.get(_P_DATA, (0, b""))
    if kind == 0x0D:
        inner = read_tnef(value[16:], depth=depth + 1)
        if inner is not None:
            _add_letter(bundle, inner, name)
            return
        value = value[16:]
    data = attachment.data or value
    if not data and not name:
        return
    content_type = _property(given, _P_KIND, codec).lower() or (
        mimetypes.guess_type(name)[0] or "application/octet-stream"
    )
    if "/" not in content_type or len(content_type) > 120 or not content_type.isascii():
        content_type = "application/octet-stream"
    content_id = _property(given, _P_CONTENT_ID, codec).strip("<> ")[:250]
    number = len(bundle.files) + 1
    file = InboundFile(name or f"attachment-{number}.bin", content_type, data, content_id)
    bundle.files.append(file)


def _add_letter(bundle: Bundle, inner: Bundle, name: str) -> None:
    """A letter inside the bundle: its words as a file of text or HTML, its files beside them."""
    stem = clean_name(inner.subject.replace("/", " ").replace("\\", " ")) or name or "message"
    if inner.html:
        content = inner.html.encode("utf-8")
        bundle.files.append(InboundFile(f"{stem[:80]}.html", "text/html", content))
    elif inner.plain:
        content = inner.plain.encode("utf-8")
        bundle.files.append(InboundFile(f"{stem[:80]}.txt", "text/plain", content))
    bundle.files.extend(inner.files[: MAX_FILES - len(bundle.files)])
