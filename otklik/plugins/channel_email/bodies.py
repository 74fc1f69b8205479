"""The parts of a message: which are its text, which are files.

A message is read as a row of segments (a multipart/mixed may hold several: Apple Mail cuts the text
around each picture, Exchange hangs its footer behind), each with a plain and an HTML form.
"""

from __future__ import annotations

import html as html_entities
import mimetypes
import re
from dataclasses import dataclass, field
from email.generator import BytesGenerator
from email.message import Message
from email.policy import compat32
from io import BytesIO
from urllib.parse import unquote_to_bytes

from otklik.channels.contract import InboundFile

from .charsets import decode, tidy
from .flowed import unflow
from .headers import Fields, decode_field
from .html_quotes import mail_html_to_text

MAX_PARTS = 500
MAX_DEPTH = 30
MAX_TEXT = 1_000_000
_LOOKS_LIKE_HTML = re.compile(
    r"\s*(?:<!doctype html|<html[\s>]|<body[\s>]|<head[\s>])", re.IGNORECASE
)
_KIND = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_UNSAFE_NAME = re.compile(r"[\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]")


@dataclass(slots=True)
class Segment:
    plain: str = ""
    html: str = ""

    def as_text(self) -> str:
        if self.plain.strip() or not self.html:
            return self.plain
        return mail_html_to_text(self.html)

    def as_html(self) -> str:
        if self.html:
            return self.html
        return f'<div style="white-space: pre-wrap">{html_entities.escape(self.plain)}</div>'


@dataclass(slots=True)
class Body:
    """What a message says and carries."""

    segments: list[Segment] = field(default_factory=list)
    files: list[InboundFile] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    parts: int = 0

    @property
    def html(self) -> str:
        if not any(segment.html for segment in self.segments):
            return ""
        return "\n".join(segment.as_html() for segment in self.segments)

    @property
    def text(self) -> str:
        texts = (segment.as_text().strip("\n") for segment in self.segments)
        return "\n\n".join(text for text in texts if text.strip())


def read_body(message: Message) -> Body:
    """Walk the whole tree once. Never raises for what the message holds."""
    body = Body()
    _read_part(message, body, depth=0, in_related=False)
    shown = body.html
    body.files = [_placed(file, shown) for file in body.files]
    for segment in body.segments:
        for name in ("plain", "html"):
            if len(getattr(segment, name)) > MAX_TEXT:
                setattr(segment, name, getattr(segment, name)[:MAX_TEXT])
                body.notes.append("text cut at 1,000,000 characters; the original is whole")
    return body


def _placed(file: InboundFile, shown: str) -> InboundFile:
    """A picture counts as inline only when the text points at it, or a plain text surrounds it."""
    is_inline = bool(file.content_id) and f"cid:{file.content_id}" in shown
    if is_inline == file.is_inline:
        return file
    return InboundFile(file.name, file.content_type, file.content, file.content_id, is_inline)


def _read_part(part: Message, body: Body, *, depth: int, in_related: bool) -> None:
    body.parts += 1
    if body.parts > MAX_PARTS or depth > MAX_DEPTH:
        if "too many parts; the rest is in the original" not in body.notes:
            body.notes.append("too many parts; the rest is in the original")
        return
    kind = part.get_content_type()
    if kind == "message/rfc822" or (part.is_multipart() and kind.startswith("message/")):
        body.files.append(_message_file(part, kind, len(body.files) + 1))
    elif part.is_multipart():
        _read_multipart(part, kind, body, depth=depth)
    elif _is_text(part, kind, body, in_related=in_related):
        _add_text(part, kind, body)
    else:
        body.files.append(_file(part, kind, body, in_related=in_related))


def _read_multipart(part: Message, kind: str, body: Body, *, depth: int) -> None:
    children = [child for child in part.get_payload() if isinstance(child, Message)]
    if kind == "multipart/alternative":
        _read_alternatives(children, body, depth=depth)
        return
    if kind == "multipart/encrypted":
        body.notes.append("encrypted message")
    for child in children:
        _read_part(child, body, depth=depth + 1, in_related=kind == "multipart/related")


def _read_alternatives(children: list[Message], body: Body, *, depth: int) -> None:
    """All forms of one text: read each apart, then lay plain and HTML into one segment."""
    merged = Segment()
    for child in children:
        inner = Body(parts=body.parts)
        _read_part(child, inner, depth=depth + 1, in_related=False)
        body.parts = inner.parts
        body.files.extend(inner.files)
        body.notes.extend(inner.notes)
        plain = "\n\n".join(one.plain for one in inner.segments if one.plain.strip())
        if not inner.html:
            merged.plain = merged.plain or plain
        else:
            merged.html = inner.html
            if not merged.plain.strip() and plain and all(s.plain for s in inner.segments):
                merged.plain = plain
    if merged.plain or merged.html:
        body.segments.append(merged)


def _is_text(part: Message, kind: str, body: Body, *, in_related: bool) -> bool:
    if kind not in {"text/plain", "text/html", "text/enriched"}:
        return False
    if _disposition(part) == "attachment":
        return False
    named = bool(_file_name(part))
    if named and (body.segments or kind == "text/enriched"):
        return False
    if named and kind == "text/plain" and _disposition(part) == "inline":
        return False
    # The root of multipart/related is its text; a second HTML in there is a frame or a file.
    return not (in_related and body.segments and bool(part.get("Content-ID")))


def _add_text(part: Message, kind: str, body: Body) -> None:
    data = _payload(part)
    label = _charset_label(part)
    if kind == "text/html" and not label:
        found = _META_CHARSET.search(data[:4096])
        label = found[1].decode("ascii") if found else ""
    text, note = decode(data, label)
    if note:
        body.notes.append(note)
    text = tidy(text)
    if kind == "text/plain" and _parameter(part, "format").lower() == "flowed":
        text = unflow(text, delete_space=_parameter(part, "delsp").lower() == "yes")
    if kind == "text/plain" and _LOOKS_LIKE_HTML.match(text):
        kind = "text/html"
        body.notes.append("HTML labelled as plain text")
    if not text.strip():
        return
    body.segments.append(Segment(html=text) if kind == "text/html" else Segment(plain=text))


def _file(part: Message, kind: str, body: Body, *, in_related: bool) -> InboundFile:
    content_id = re.sub(r"[<>\s]", "", decode_field(str(part.get("Content-ID", ""))))[:250]
    name = _file_name(part) or _made_up_name(kind, len(body.files) + 1)
    inline = bool(content_id) and (in_related or _disposition(part) == "inline")
    kind = kind if _KIND.fullmatch(kind) else "application/octet-stream"
    return InboundFile(name, kind, _payload(part), content_id, inline)


def _message_file(part: Message, kind: str, number: int) -> InboundFile:
    """A forwarded message or a delivery report as a file of its own, bytes as they came."""
    payload = part.get_payload()
    inner = (
        [one for one in payload if isinstance(one, Message)] if isinstance(payload, list) else []
    )
    subject = Fields(inner[0]).text("subject") if inner else ""
    stem = re.sub(r"[\\/:*?\"<>|]+", " ", subject).strip()[:80]
    is_mail = kind == "message/rfc822"
    name = _file_name(part) or f"{stem or f'message-{number}'}.{'eml' if is_mail else 'txt'}"
    content = b"\n".join(_message_bytes(one) for one in inner)
    return InboundFile(name, kind, content)


def _message_bytes(message: Message) -> bytes:
    stream = BytesIO()
    try:
        BytesGenerator(stream, mangle_from_=False, maxheaderlen=0, policy=compat32).flatten(message)
    except (UnicodeError, LookupError, ValueError, TypeError, AttributeError):
        return str(message.get_payload()).encode("utf-8", "replace")
    return stream.getvalue()


def _payload(part: Message) -> bytes:
    """The bytes of a leaf; broken base64 or quoted-printable gives what can be read of it."""
    try:
        data = part.get_payload(decode=True)
    except (ValueError, LookupError, UnicodeError, AttributeError):
        data = None
    if isinstance(data, bytes):
        return data
    raw = part.get_payload()
    return raw.encode("ascii", "surrogateescape") if isinstance(raw, str) else b""


def _disposition(part: Message) -> str:
    return str(part.get("Content-Disposition", "")).partition(";")[0].strip().lower()


def _parameter(part: Message, name: str) -> str:
    try:
        value = part.get_param(name, "")
    except (ValueError, TypeError, IndexError, UnicodeError):
        return ""
    return str(value[2] if isinstance(value, tuple) else value or "")


def _charset_label(part: Message) -> str:
    return _parameter(part, "charset")[:60]


def _file_name(part: Message) -> str:
    """RFC 2231, RFC 2047 in quotes, or raw bytes; path and control characters taken off."""
    for header, parameter in (("content-disposition", "filename"), ("content-type", "name")):
        try:
            value = part.get_param(parameter, None, header)
        except (ValueError, TypeError, IndexError, UnicodeError):
            continue
        if value is None:
            continue
        if isinstance(value, tuple):
            charset, _language, text = value
            name = (
                decode(str(text).encode("latin-1", "surrogateescape"), charset or "")[0]
                if _fits(str(text))
                else str(text)
            )
        else:
            name = decode_field(str(value))
            if "%" in name and re.fullmatch(r"[\w.%+ ()-]+", name) and "%20" in name:
                name = decode(unquote_to_bytes(name))[0]
        name = _UNSAFE_NAME.sub("", tidy(name)).replace("\\", "/").rpartition("/")[2].strip(" .")
        if name:
            return _shortened(name)
    return ""


def _fits(text: str) -> bool:
    return all(character <= "\xff" or "\udc80" <= character <= "\udcff" for character in text)


def _shortened(name: str) -> str:
    stem, dot, ending = name.rpartition(".")
    if len(name) <= 200 or not dot or len(ending) > 20:
        return name[:200]
    return f"{stem[: 199 - len(ending)]}.{ending}"


def _made_up_name(kind: str, number: int) -> str:
    if kind == "text/calendar":
        return "invitation.ics"
    ending = mimetypes.guess_extension(kind) or ".bin"
    stem = "image" if kind.startswith("image/") else "attachment"
    return f"{stem}-{number}{ending}"
