"""Parts that are files: their names, kinds and bytes."""

from __future__ import annotations

import mimetypes
import re

from otklik.channels.contract import InboundFile

from .headers import Fields, decode_field
from .parameters import clean_name, file_name, read_parameters
from .tree import Node, parse, split_header

_KIND = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_ENDINGS = {
    "text/plain": ".txt",
    "text/calendar": ".ics",
    "text/rtf": ".rtf",
    "text/vcard": ".vcf",
    "text/x-vcard": ".vcf",
    "text/directory": ".vcf",
    "image/jpeg": ".jpg",
    "image/pjpeg": ".jpg",
    "image/heic": ".heic",
    "audio/mpeg": ".mp3",
    "audio/wav": ".wav",
    "audio/x-wav": ".wav",
    "audio/amr": ".amr",
    "audio/ogg": ".ogg",
    "application/pgp-signature": ".asc",
    "application/pgp-encrypted": ".asc",
    "application/pkcs7-mime": ".p7m",
    "application/x-pkcs7-mime": ".p7m",
    "application/pkcs7-signature": ".p7s",
    "application/ms-tnef": ".dat",
    "message/delivery-status": ".txt",
    "message/disposition-notification": ".txt",
    "text/rfc822-headers": ".txt",
}
_STEMS = {"image": "image", "audio": "voice", "video": "video"}


def named(part: Node) -> str:
    """The file name a part gives itself, "" when it has none."""
    disposition = part.fields.raw("content-disposition")
    if not disposition and not part.parameters.plain and not part.parameters.sections:
        return ""
    _kind, semicolon, parameters = disposition.partition(";")
    if not semicolon:
        parameters = disposition.partition(" ")[2]
    return file_name(part.parameters, read_parameters(parameters))


def file_of(part: Node, number: int, *, in_related: bool) -> InboundFile:
    kind = part.kind if _KIND.fullmatch(part.kind) else "application/octet-stream"
    name = named(part)
    is_vague = part.fields.word("content-type") == "application/octet-stream"
    if is_vague and name:
        kind = mimetypes.guess_type(name)[0] or kind
    content_id = part.content_id
    inline = bool(content_id) and (in_related or part.disposition == "inline")
    name = name or _described(part, kind) or made_up_name(kind, number)
    return InboundFile(name, kind, part.content(), content_id, inline)


def _described(part: Node, kind: str) -> str:
    """Content-Description of old programs, when it is a file's name."""
    text = clean_name(decode_field(part.fields.raw("content-description")))
    ending = text.rpartition(".")[2]
    return text if 1 < len(ending) < 6 and ending.isalnum() and "." in text else ""


def message_file(part: Node, number: int) -> InboundFile:
    """A forwarded message or a delivery report as a file of its own, bytes as they came."""
    content = part.content()
    is_mail = part.kind in {"message/rfc822", "message/global"}
    subject = ""
    if is_mail:
        fields = Fields(split_header(content)[0])
        subject = re.sub(r"[\\/:*?\"<>|]+", " ", fields.text("subject"))
    stem = clean_name(subject)[:80].strip() or f"message-{number}"
    name = named(part)
    if is_mail and name and not name.lower().endswith((".eml", ".msg", ".txt")):
        name = f"{name}.eml"
    return InboundFile(name or f"{stem}.{'eml' if is_mail else 'txt'}", part.kind, content)


def readable_letter(content: bytes) -> str:
    """An enclosed letter as the reader of the enclosing one sees it: who, what, and its words."""
    from .bodies import read_body

    node = parse(content)
    lines = [
        f"{name}: {value}"
        for name in ("From", "Date", "Subject")
        if (value := node.fields.text(name)[:500])
    ]
    if not lines:
        return ""
    for child in _list_nodes(node):
        # One level: a letter in a letter in a letter is a file.
        if child.kind.startswith("message/"):
            child.kind = "application/octet-stream"
    return "\n".join([*lines, "", read_body(node).text]).strip()


def _list_nodes(node: Node) -> list[Node]:
    found = [node]
    for one in found:
        found.extend(one.children)
    return found


def made_up_name(kind: str, number: int) -> str:
    if kind == "text/calendar":
        return "invitation.ics"
    if kind in {"text/vcard", "text/x-vcard", "text/directory"}:
        return "contact.vcf"
    ending = _ENDINGS.get(kind) or mimetypes.guess_extension(kind) or ".bin"
    stem = _STEMS.get(kind.partition("/")[0], "attachment")
    return f"{stem}-{number}{ending}"
