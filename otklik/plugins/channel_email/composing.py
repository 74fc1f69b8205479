"""``OutboundMessage`` → the bytes that go to the mail server."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache
from typing import TYPE_CHECKING

from otklik.channels.contract import Address, OutboundFile, OutboundMessage

from . import mime
from .letter_style import STYLES
from .robots import DESK_HEADER

if TYPE_CHECKING:
    import css_inline

MAX_REFERENCES = 30


def compose(
    message: OutboundMessage,
    *,
    at: datetime,
    desk_id: str,
    reply_to: Address | None,
    read_file: Callable[[OutboundFile], bytes],
) -> bytes:
    """RFC 5322 bytes with CRLF line ends. Bcc is never written. ``at`` is aware."""
    fields = [
        ("Date", format_datetime(at)),
        ("From", mime.encode_address(message.sender)),
        ("Reply-To", mime.encode_address(reply_to) if reply_to else ""),
        (
            "To",
            mime.encode_addresses(message.to) or ("" if message.cc else "undisclosed-recipients:;"),
        ),
        ("Cc", mime.encode_addresses(message.cc)),
        ("Subject", mime.encode_text(message.subject)),
        ("Message-ID", mime.encode_ids([message.external_id])),
        ("In-Reply-To", mime.encode_ids([message.in_reply_to])),
        ("References", mime.encode_ids(_bounded(message))),
        ("Content-Language", re.sub(r"[^A-Za-z0-9-]", "", message.language)[:20]),
        (DESK_HEADER, desk_id),
        *_automatic_fields(message),
        *_unsubscribe_fields(message),
        ("MIME-Version", "1.0"),
    ]
    return _tree(message, read_file).as_bytes(fields)


def _automatic_fields(message: OutboundMessage) -> list[tuple[str, str]]:
    """RFC 3834 §5, and what Exchange and its kin understand instead."""
    if not message.is_automatic:
        return []
    kind = "auto-replied" if message.in_reply_to else "auto-generated"
    return [("Auto-Submitted", kind), ("X-Auto-Response-Suppress", "All")]


def _unsubscribe_fields(message: OutboundMessage) -> list[tuple[str, str]]:
    """RFC 2369; RFC 8058 asks for https and for both fields."""
    if not re.fullmatch(r"https?://[!-;=?-~]{1,900}", message.unsubscribe):
        return []
    fields = [("List-Unsubscribe", f"<{message.unsubscribe}>")]
    if message.unsubscribe.startswith("https://"):
        fields.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return fields


def _bounded(message: OutboundMessage) -> list[str]:
    """The first reference and the newest ones: what threads need, in a field servers accept."""
    chain = list(dict.fromkeys(message.references))
    if message.in_reply_to and (not chain or chain[-1] != message.in_reply_to):
        chain = [one for one in chain if one != message.in_reply_to] + [message.in_reply_to]
    return chain if len(chain) <= MAX_REFERENCES else [chain[0], *chain[1 - MAX_REFERENCES :]]


def _tree(message: OutboundMessage, read_file: Callable[[OutboundFile], bytes]) -> mime.Part:
    """mixed(related(alternative(text, html), pictures), files), each level only where needed."""
    inline = [file for file in message.files if message.html and file.is_inline and file.content_id]
    attached = [file for file in message.files if file not in inline]
    part = mime.text_part(message.text, "plain")
    if message.html:
        html = mime.text_part(inline_styles(message.html, message.language), "html")
        part = mime.multipart("alternative", [part, html])
    if inline:
        part = mime.multipart("related", [part, *(_file(file, read_file) for file in inline)])
    if attached:
        part = mime.multipart("mixed", [part, *(_file(file, read_file) for file in attached)])
    return part


def _file(file: OutboundFile, read_file: Callable[[OutboundFile], bytes]) -> mime.Part:
    return mime.file_part(
        read_file(file),
        name=file.name,
        content_type=file.content_type,
        content_id=file.content_id,
        is_inline=file.is_inline and bool(file.content_id),
    )


def inline_styles(html: str, language: str) -> str:
    """A whole document whose styles stand on the elements: many programs drop <style>.

    A piece of a letter is framed and dressed in ours; what is a document already keeps its own.
    """
    is_piece = not re.search(r"<html[\s>]", html, re.IGNORECASE)
    if is_piece:
        tag = re.sub(r"[^A-Za-z0-9-]", "", language)
        html = (
            f'<!doctype html><html lang="{tag}"><head><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width, initial-scale=1">'
            '<meta name="color-scheme" content="light dark">'
            f'</head><body><div class="letter">{html}</div></body></html>'
        )
    if not is_piece and "<style" not in html:
        return html
    import css_inline

    try:
        return _inliner(is_ours=is_piece).inline(html)
    except (ValueError, css_inline.InlineError):
        return html


@lru_cache(maxsize=2)
def _inliner(*, is_ours: bool) -> css_inline.CSSInliner:
    import css_inline

    if is_ours:
        return css_inline.CSSInliner(load_remote_stylesheets=False, extra_css=STYLES)
    return css_inline.CSSInliner(load_remote_stylesheets=False, keep_style_tags=True)
