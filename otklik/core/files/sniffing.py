"""What a content is, told by its first bytes and nobody's claim."""

from __future__ import annotations

import codecs
import re

import puremagic

HEAD = 8192

_UNKNOWN = "application/octet-stream"
_MARKUP = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+)?(html|head|body|script|svg)\b", re.I | re.S
)
_XML = re.compile(rb"\s*<\?xml\b", re.I)
_MIME = re.compile(r"[a-z]+/[a-z0-9][a-z0-9.+-]{0,100}")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_OFFICE = "application/vnd.openxmlformats-officedocument."
_INSIDE_ARCHIVES = {
    b"word/": f"{_OFFICE}wordprocessingml.document",
    b"xl/": f"{_OFFICE}spreadsheetml.sheet",
    b"ppt/": f"{_OFFICE}presentationml.presentation",
}
_DECLARED = re.compile(rb"mimetype(application/[a-z0-9.+-]{1,100})")
# Signatures of two bytes and less match by accident; a text is told apart first.
_LEAST_CONFIDENCE = 0.3


def sniff(head: bytes) -> str:
    """The content type of a file that begins with ``head`` (up to ``HEAD`` bytes)."""
    markup = _MARKUP.match(head)
    if markup:
        return "image/svg+xml" if markup[1].lower() == b"svg" else "text/html"
    if _is_text(head):
        if _XML.match(head):
            return "image/svg+xml" if b"<svg" in head.lower() else "application/xml"
        if head.startswith(b"%PDF-"):
            return "application/pdf"
        return "text/plain"
    if head.startswith(b"PK\x03\x04"):
        return _sniff_archive(head)
    try:
        found = puremagic.magic_string(head)
    except (puremagic.PureError, ValueError, IndexError):
        return _UNKNOWN
    for match in found:
        if match.confidence >= _LEAST_CONFIDENCE and _MIME.fullmatch(match.mime_type or ""):
            return str(match.mime_type)
    return _UNKNOWN


def _is_text(head: bytes) -> bool:
    if _CONTROLS.search(head):
        return False
    try:
        # The head may end in the middle of a letter.
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return False
    return True


def _sniff_archive(head: bytes) -> str:
    # OpenDocument and EPUB name their type in the first entry (ODF 1.2, part 3, 3.3).
    declared = _DECLARED.match(head, 30)
    if declared:
        return declared[1].decode()
    for folder, content_type in _INSIDE_ARCHIVES.items():
        if folder in head:
            return content_type
    return "application/zip"
