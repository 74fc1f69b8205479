"""Between HTML and plain text."""

from __future__ import annotations

import re
from functools import lru_cache
from html import escape, unescape
from typing import TYPE_CHECKING

from otklik.kit.html.bounds import is_tractable, without_comments, without_unclosed
from otklik.kit.text import clean_text

if TYPE_CHECKING:
    from inscriptis.model.config import ParserConfig

# libxml2 refuses deeper trees; tables are laid out in columns, padded to their widest line.
_DEEPEST_RENDERED = 200
_LARGEST_LAYOUT = 50_000_000

_RAW_TEXT = re.compile(r"<(script|style|title)\b.*?(?:</\1[^<>]*>?|\Z)", re.I | re.S)
_BLOCK = re.compile(r"</?(?:p|div|tr|table|li|ul|ol|h[1-6]|blockquote|pre|br|hr)\b[^<>]*>?", re.I)
_LINE = re.compile(r"<(?:br|p|div|tr|li|h[1-6])\b", re.I)
_TAG = re.compile(r"</?[a-zA-Z!?][^<>]*>?")
_TRAILING = re.compile(r"[^\S\n]+$", re.M)
_EMPTY_LINES = re.compile(r"\n{3,}")
_PARAGRAPH = re.compile(r"\n[^\S\n]*\n\s*")
_LINK = re.compile(
    r"\b(?P<web>(?:https?://|www\.)[^\s<>\"\u00ab\u00bb]{1,2000})"
    r"|(?<![\w.+-])(?P<mail>[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,8})",
    re.I,
)
_AFTER_LINK = ".,;:!?…'*_"


def html_to_text(html: str) -> str:
    r"""What a reader sees of HTML, as lines of text; tables in columns, pictures left out."""
    html = without_comments(html.encode("utf-8", "replace").decode().replace("\x00", ""))
    html = without_unclosed(html)
    if not html.strip():
        return ""
    if not _can_be_laid_out(html):
        return stripped_text(html)
    try:
        text = _lay_out(html)
    except (RecursionError, ValueError, AssertionError):
        return stripped_text(html)
    return _tidy(text)


def _lay_out(html: str) -> str:
    # Loaded by who reads mail: 4 MB that the pages do without.
    from inscriptis import get_text

    return get_text(html, _layout())


@lru_cache(maxsize=1)
def _layout() -> ParserConfig:
    from inscriptis.css_profiles import CSS_PROFILES
    from inscriptis.model.config import ParserConfig

    return ParserConfig(css=CSS_PROFILES["strict"], display_images=False, display_links=False)


def stripped_text(html: str) -> str:
    """The text of markup nobody can parse: tags removed, blocks on lines; linear in time."""
    text = without_comments(_RAW_TEXT.sub("", without_unclosed(html)))
    text = _TAG.sub("", _BLOCK.sub("\n", text))
    return _tidy(unescape(text))


def text_to_html(text: str) -> str:
    """Plain text as HTML: escaped, paragraphs at empty lines, addresses made links. "" of none."""
    text = clean_text(text).strip()
    paragraphs = _PARAGRAPH.split(text) if text else []
    return "\n".join(
        f"<p>{_linked(paragraph).replace(chr(10), '<br>')}</p>" for paragraph in paragraphs
    )


def _can_be_laid_out(html: str) -> bool:
    if not is_tractable(html, deepest=_DEEPEST_RENDERED):
        return False
    if "<table" not in html.lower():
        return True
    lines = sum(1 for _match in _LINE.finditer(html))
    return lines * len(_TAG.sub("", html)) <= _LARGEST_LAYOUT


def _tidy(text: str) -> str:
    text = clean_text(text.replace("\xa0", " "))
    return _EMPTY_LINES.sub("\n\n", _TRAILING.sub("", text)).strip("\n")


def _linked(text: str) -> str:
    parts = []
    position = 0
    for match in _LINK.finditer(text):
        shown = _without_tail(match.group())
        if match["mail"]:
            address = f"mailto:{shown}"
        else:
            address = shown if "://" in shown[:8] else f"https://{shown}"
        parts.append(escape(text[position : match.start()]))
        parts.append(
            f'<a href="{escape(address)}" target="_blank" '
            f'rel="noopener noreferrer nofollow">{escape(shown)}</a>'
        )
        position = match.start() + len(shown)
    parts.append(escape(text[position:]))
    return "".join(parts)


def _without_tail(address: str) -> str:
    """The link without the punctuation of the sentence around it."""
    while address:
        if address[-1] in _AFTER_LINK or (
            address[-1] == ")" and address.count(")") > address.count("(")
        ):
            address = address[:-1]
        else:
            break
    return address
