"""The parts of a message: which are its text, which are files.

A message is read as a row of segments (a multipart/mixed may hold several: Apple Mail cuts the text
around each picture, Exchange hangs its footer behind), each with a plain and an HTML form.
"""

from __future__ import annotations

import re
from typing import Protocol

from otklik.kit.html import sanitise_mail_html

from .body import MAX_TEXT, Body, Segment
from .files import file_of, message_file, named, readable_letter
from .headers import decode_field
from .html_quotes import mail_html_to_text
from .inline_files import take_inline_files
from .pictures import place_pictures
from .texts import read_text
from .tree import Node

__all__ = ["Body", "Segment", "read_body"]

_SHOWN = {"text/plain", "text/html", "text/enriched", "text/richtext"}
# Other forms of a text beside it, for programs we are not.
_OTHER_FORMS = {"text/x-amp-html", "text/watch-html", "text/x-watch-html", "text/x-web-intelligent"}
_CALENDAR = {"text/calendar", "application/ics", "application/calendar", "text/x-vcalendar"}
# Under which calendars hang an invitation as a file.
_VAGUE = {"application/octet-stream", "text/plain", "application/x-unknown"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_RTF = {"text/rtf", "application/rtf", "application/x-rtf", "text/richtext-rtf"}
MAX_FORWARDS = 10
_SIGNS = re.compile(r"[\W_]+")
_A_WORD = re.compile(r"\w{3,}")


class Opener(Protocol):
    """Looks into what is signed or encrypted (`protection.opening`)."""

    def open(self, part: Node, body: Body, *, is_whole: bool) -> Node | None:
        """The part inside; None when there is nothing to open or it stays closed."""

    def open_text(self, content: bytes, body: Body) -> bytes:
        """A plain text without armoured blocks."""


def read_body(message: Node, *, opener: Opener | None = None) -> Body:
    """Walk the whole tree once. Never raises for what the message holds."""
    body = Body()
    _read_part(message, body, opener, in_related=False, is_root=True)
    body.notes.extend(message.notes)
    _join_twins(body)
    _fill_empty(body)
    place_pictures(body)
    _keep_apart(body)
    for segment in body.segments:
        for name in ("plain", "html"):
            if len(getattr(segment, name)) > MAX_TEXT:
                setattr(segment, name, getattr(segment, name)[:MAX_TEXT])
                body.notes.append("text cut at 1,000,000 characters; the original is whole")
    return body


def _read_part(
    part: Node, body: Body, opener: Opener | None, *, in_related: bool, is_root: bool = False
) -> None:
    kind = part.kind
    if opener is not None and _may_be_sealed(part):
        inner = opener.open(part, body, is_whole=is_root)
        if inner is not None:
            _read_part(inner, body, opener, in_related=False, is_root=is_root)
            body.notes.extend(inner.notes)
            return
    if kind.startswith("multipart/") or part.children:
        _read_multipart(part, body, opener, is_root=is_root)
    elif kind in _TNEF or (kind.startswith("application/") and _is_winmail(part)):
        _read_tnef(part, body)
    elif kind in _CALENDAR or (kind in _VAGUE and _is_calendar(part)):
        _read_invitation(part, body)
    elif kind.startswith("message/"):
        _read_message(part, body)
    elif kind in _OTHER_FORMS:
        body.notes.append(f"another form of the text left out: {kind}")
    elif _is_text(part, body, in_related=in_related, is_root=is_root):
        _add_text(part, body, opener)
    else:
        _add_file(part, body, in_related=in_related)
    if not is_root:
        body.notes.extend(part.notes)


def _read_multipart(part: Node, body: Body, opener: Opener | None, *, is_root: bool) -> None:
    kind = part.kind
    if not part.children:
        # Nothing between boundaries: all there is, is the text before the first.
        if part.body.strip():
            part.kind = "text/plain"
            _add_text(part, body, opener)
        return
    if kind == "multipart/alternative":
        _read_alternatives(part, body, opener)
        return
    children = part.children
    if kind in {"multipart/appledouble", "multipart/x-appledouble"}:
        # The first half is the icon and the window's place.
        children = [one for one in children if one.kind != "application/applefile"] or children
    if kind == "multipart/related":
        children = _root_first(part)
    for child in children:
        _read_part(child, body, opener, in_related=kind == "multipart/related")


def _root_first(part: Node) -> list[Node]:
    """RFC 2387: ``start`` names the root; without it, it is the first part."""
    start = re.sub(r"[<>\s]", "", decode_field(part.parameters.text("start")))
    root = next((one for one in part.children if start and one.content_id == start), None)
    if root is None:
        return part.children
    return [root, *(one for one in part.children if one is not root)]


def _read_alternatives(part: Node, body: Body, opener: Opener | None) -> None:
    """All forms of one text: read each apart, then lay plain and HTML into one segment."""
    merged = Segment()
    for child in part.children:
        inner = Body(seen_text=bool(body.segments))
        _read_part(child, inner, opener, in_related=False)
        body.take_files(inner)
        texts = [one for one in inner.segments if not one.is_picture]
        plain = "\n\n".join(one.plain for one in texts if one.plain.strip())
        if not any(one.html for one in texts):
            merged.plain = merged.plain if merged.plain.strip() else plain
            continue
        merged.html = inner.html
        if not merged.plain.strip() and plain and all(one.plain for one in texts):
            merged.plain = plain
    if merged.html and merged.plain.strip() and _is_blank(merged):
        merged.html = ""
    if merged.plain or merged.html:
        body.segments.append(merged)


def _is_blank(segment: Segment) -> bool:
    """An HTML form without a word beside a plain one that has some: it would be shown instead."""
    first = _A_WORD.search(segment.plain)
    if first is not None and first[0] in segment.html:
        return False
    return not mail_html_to_text(segment.html).strip()


def _is_text(part: Node, body: Body, *, in_related: bool, is_root: bool) -> bool:
    kind = part.kind
    if not kind.startswith("text/") or kind in _RTF:
        return False
    has_text = bool(body.texts) or body.seen_text
    name = named(part)
    if part.disposition == "attachment":
        # A letter that is nothing but its own attachment, without a name: it is its text.
        return is_root and not name
    if kind not in _SHOWN:
        return not name and not has_text and kind not in {"text/vcard", "text/x-vcard", "text/css"}
    if name and (has_text or kind == "text/enriched"):
        return False
    if name and kind == "text/plain" and part.disposition == "inline":
        return is_root
    # The root of multipart/related is its text; a second HTML in there is a frame or a file.
    return not (in_related and has_text and bool(part.content_id))


def _may_be_sealed(part: Node) -> bool:
    kind = part.kind
    if kind.startswith("multipart/"):
        if kind in {"multipart/signed", "multipart/encrypted"}:
            return True
        return any(one.kind == "application/pgp-encrypted" for one in part.children)
    if not kind.startswith("application/"):
        return False
    return kind.endswith("pkcs7-mime") or named(part).lower().endswith(".p7m")


def _add_text(part: Node, body: Body, opener: Opener | None) -> None:
    content = part.content()
    if opener is not None and b"-----BEGIN PGP " in content:
        content = opener.open_text(content, body)
    if part.kind != "text/html":
        content = take_inline_files(content, body)
    segment = read_text(part, content, body)
    if segment is not None:
        body.segments.append(segment)


def _add_file(part: Node, body: Body, *, in_related: bool) -> None:
    file = file_of(part, len(body.files) + 1, in_related=in_related)
    location = decode_field(part.fields.raw("content-location"))
    body.add_file(file, location=location)
    is_shown = part.disposition != "attachment" and file.content_type.startswith("image/")
    if is_shown and not in_related and body.texts:
        # A picture between two texts: its place is kept, should a text follow.
        body.segments.append(Segment(picture=len(body.files) - 1))
    if file.content_type in _RTF and not body.texts and part.disposition != "attachment":
        from .contents.rtf import rtf_to_text

        text = rtf_to_text(file.content)
        if text.strip():
            body.segments.append(Segment(plain=text))


def _read_message(part: Node, body: Body) -> None:
    file = message_file(part, len(body.files) + 1)
    body.add_file(file)
    if part.kind == "message/partial":
        number, total = part.parameters.text("number"), part.parameters.text("total")
        body.notes.append(f"part {number[:6] or '?'} of {total[:6] or '?'} of a larger message")
    elif part.kind == "message/external-body":
        body.notes.append("the content is elsewhere (message/external-body)")
    elif part.kind in {"message/rfc822", "message/global"}:
        body.letters.append(file.content)


def _is_winmail(part: Node) -> bool:
    return named(part).lower() in {"winmail.dat", "win.dat"}


def _is_calendar(part: Node) -> bool:
    return named(part).lower().endswith(".ics") and b"BEGIN:VEVENT" in part.content()[:100_000]


def _read_tnef(part: Node, body: Body) -> None:
    from .contents.tnef import read_tnef

    bundle = read_tnef(part.content())
    if bundle is None or not (bundle.files or bundle.plain.strip() or bundle.html.strip()):
        body.add_file(file_of(part, len(body.files) + 1, in_related=False))
        body.notes.append("Outlook's bundle could not be opened")
        return
    for file in bundle.files:
        body.add_file(file)
    if (bundle.plain.strip() or bundle.html.strip()) and not body.has_words():
        body.late_text = Segment(plain=bundle.plain, html=bundle.html)
    if bundle.is_cut:
        body.notes.append("Outlook's bundle breaks off")


def _read_invitation(part: Node, body: Body) -> None:
    from .contents.invitations import read_invitation

    file = file_of(part, len(body.files) + 1, in_related=False)
    if not any(one.content == file.content for one in body.files):
        # Outlook and Gmail send it twice, as another form of the text and as a file.
        body.add_file(file)
    found = read_invitation(file.content, part.parameters.text("method"))
    if found and not body.invitation:
        body.invitation = found


def _keep_apart(body: Body) -> None:
    """What was decrypted beside what was not: each piece is closed in itself, so that nothing a
    stranger put around the secret takes it into an address (https://efail.de)."""
    if body.protection.get("encryption") == "decrypted" and len(body.segments) > 1:
        for segment in body.segments:
            if segment.html:
                segment.html = str(sanitise_mail_html(segment.html[:MAX_TEXT]))


def _join_twins(body: Body) -> None:
    """The same words twice, plain and as HTML, by programs that call their two forms mixed."""
    for place in range(len(body.segments) - 1, 0, -1):
        one, other = body.segments[place - 1 : place + 1]
        plain, shaped = (one, other) if one.plain else (other, one)
        if not plain.plain.strip() or plain.html or shaped.plain or not shaped.html:
            continue
        words = _SIGNS.sub("", plain.plain)
        if words and words == _SIGNS.sub("", mail_html_to_text(shaped.html)):
            body.segments[place - 1 : place + 1] = [Segment(plain.plain, shaped.html)]


def _fill_empty(body: Body) -> None:
    """A letter without words of its own: what else there is to read."""
    if body.has_words():
        return
    if body.late_text is not None:
        body.segments.append(body.late_text)
    elif body.letters:
        texts = [readable_letter(content) for content in body.letters[:MAX_FORWARDS]]
        text = "\n\n".join(one for one in texts if one)
        if text:
            body.segments.append(Segment(plain=text))
    elif body.invitation:
        lines = (body.invitation.get(name, "") for name in ("summary", "location", "description"))
        text = "\n".join(line for line in lines if line)
        if text:
            body.segments.append(Segment(plain=text))
