"""One text part into a segment: its charset, its flow, and whether it is what it says it is."""

from __future__ import annotations

import html as html_entities
import re

from .body import Body, Segment
from .charset_labels import codec_name
from .charsets import decode, tidy
from .flowed import unflow
from .tree import Node

_STARTS_AS_HTML = re.compile(
    r"\ufeff?\s*(?:<\?xml[^>]{0,200}>\s*)?(?:<!--.{0,2000}?-->\s*)?"
    r"(?:<!doctype html|<html[\s>]|<body[\s>]|<head[\s>])",
    re.IGNORECASE | re.DOTALL,
)
_STARTS_AS_TAG = re.compile(
    r"\s*<(?:div|p|table|span|font|center|br|meta|style|b|strong|h[1-6]|a\s)\b[^<>]{0,500}/?>", re.I
)
_CLOSING_TAG = re.compile(r"</(?:div|p|table|span|font|center|b|strong|h[1-6]|a)>|<br ?/?>", re.I)
_ANY_TAG = re.compile(r"<(?:/?[a-zA-Z][a-zA-Z0-9:]*[\s/>]|!--|!doctype)", re.I)
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}charset=[\"']?([A-Za-z0-9_:.-]{2,40})", re.IGNORECASE)
_XML_CHARSET = re.compile(rb"\s*<\?xml[^>]{0,100}encoding=[\"']([A-Za-z0-9_:.-]{2,40})", re.I)
_WEAK = {"", "ascii", "cp1252", "iso8859-15"}


def read_text(part: Node, content: bytes, body: Body) -> Segment | None:
    """The text of a part whose transfer encoding is undone; None when it says nothing."""
    kind = part.kind
    label = _label(part, content)
    text, note = decode(content, label, fallback=body.charset)
    if note:
        body.notes.append(note)
    elif label and not content.isascii():
        body.charset = body.charset or codec_name(label)
    text = tidy(text)
    if kind == "text/plain" and part.parameters.text("format").strip().lower() == "flowed":
        delete_space = part.parameters.text("delsp").strip().lower() == "yes"
        text = unflow(text, delete_space=delete_space)
    if kind in {"text/enriched", "text/richtext"}:
        text, kind = _from_enriched(text), "text/plain"
    elif kind == "text/html" and _ANY_TAG.search(text) is None:
        kind = "text/plain"
        text = html_entities.unescape(text) if "&" in text else text
        body.notes.append("plain text labelled as HTML")
    elif kind == "text/plain" and _is_html(text):
        kind = "text/html"
        body.notes.append("HTML labelled as plain text")
    if not text.strip():
        return None
    return Segment(html=text) if kind == "text/html" else Segment(plain=text)


def _label(part: Node, content: bytes) -> str:
    """The label of the part, or that of the HTML inside where the first one says little.

    A gateway that re-encodes changes the outer label and leaves the inner one, so the outer wins.
    """
    label = part.parameters.text("charset")[:60]
    if part.kind != "text/html" or codec_name(label) not in _WEAK or content.isascii():
        return label
    found = _META_CHARSET.search(content[:8192]) or _XML_CHARSET.match(content[:200])
    inner = found[1].decode("ascii") if found else ""
    return inner if codec_name(inner) else label


def _is_html(text: str) -> bool:
    if "<" not in text[:4000]:
        return False
    if _STARTS_AS_HTML.match(text[:5000]):
        return True
    return bool(_STARTS_AS_TAG.match(text[:1000])) and len(_CLOSING_TAG.findall(text[:20000])) > 1


def _from_enriched(text: str) -> str:
    """RFC 1896: commands taken out, single line ends are spaces, of several one goes."""
    text = re.sub(r"<param>[^<]{0,500}</param>", "", text, flags=re.I)
    text = text.replace("<<", "\x00")
    text = re.sub(r"</?nl>", "\n\n", text, flags=re.I)
    text = re.sub(r"</?[A-Za-z][\w-]{0,60}>", "", text).replace("\x00", "<")
    return re.sub(r"\n+", lambda found: " " if len(found[0]) == 1 else found[0][1:], text).strip()
