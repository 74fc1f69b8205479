"""Filling placeholders in: no logic, values escaped for where they go, bounded in size and time."""

from __future__ import annotations

import html
import re
import time
from collections.abc import Callable
from enum import StrEnum
from urllib.parse import quote

import structlog

from otklik.core.vocabulary.placeholders import Context, find_placeholder
from otklik.kit.text import clean_line

logger = structlog.get_logger(__name__)

MAX_TEMPLATE = 200_000
MAX_VALUE = 10_000
MAX_OUTPUT = 1_000_000
MAX_SECONDS = 1.0

# Every repetition is bounded and none overlaps its neighbour, so the time is linear. Editors
# write a space inside the braces as &nbsp;.
_GAP = r"(?:[ \t\u00a0]|&nbsp;){0,20}"
_PLACEHOLDER = re.compile(
    r"\{\{" + _GAP + r"([a-z][a-z0-9_]{0,40}(?:\.[a-z0-9_]{1,40}){1,4})" + _GAP
    + r"(?:\|([^{}\n]{0,200}))?\}\}"
)  # fmt: skip


class Target(StrEnum):
    """Where the text goes, hence how values are escaped."""

    TEXT = "text"
    HTML = "html"
    HEADER = "header"  # a subject or name: one line
    URL = "url"  # part of an address


def render(
    template: str,
    context: Context,
    *,
    target: Target,
    empty: Callable[[str], str] | None = None,
) -> str:
    """Fill in ``{{ticket.number}}`` and ``{{person.first_name|there}}``.

    The template is trusted as what ``target`` says it is; values never are. What is empty,
    unknown or fails becomes its fall-back, else what ``empty`` makes of its name (trusted as the
    template is), else nothing. Raises ValueError for a template that is too long.
    """
    if len(template) > MAX_TEMPLATE:
        raise ValueError(f"a text is at most {MAX_TEMPLATE} characters")
    escape = _ESCAPES[target]
    until = time.monotonic() + MAX_SECONDS
    known: dict[str, str] = {}
    room = MAX_OUTPUT - len(template)

    def fill(match: re.Match[str]) -> str:
        nonlocal room
        name, fallback = match.group(1), match.group(2) or ""
        if name not in known:
            known[name] = _resolve(name, context, until)
        value = known[name] or (html.unescape(fallback) if target is Target.HTML else fallback)
        written = escape(value.strip())
        if not written and empty is not None:
            written = empty(name)
        room -= len(written)
        return written if room > 0 else ""

    filled = _PLACEHOLDER.sub(fill, template)
    return clean_line(filled) if target is Target.HEADER else filled


def names_in(template: str) -> list[str]:
    """The names a text uses, each once in order, whether anybody brings them or not."""
    found = (match.group(1) for match in _PLACEHOLDER.finditer(template[:MAX_TEMPLATE]))
    return list(dict.fromkeys(found))


def unknown_placeholders(template: str) -> list[str]:
    """Names in a text that nobody brings, each once in order: for a warning while writing."""
    return [name for name in names_in(template) if find_placeholder(name) is None]


def _resolve(name: str, context: Context, until: float) -> str:
    placeholder = find_placeholder(name)
    if placeholder is None:
        return ""
    if time.monotonic() > until:
        logger.warning("placeholder_out_of_time", placeholder=name)
        return ""
    try:
        value = placeholder.resolve(context)
    except Exception:
        logger.exception("placeholder_failed", placeholder=name)
        return ""
    return str(value or "")[:MAX_VALUE]


def _escape_html(value: str) -> str:
    return html.escape(value).replace("\n", "<br>")


def _escape_url(value: str) -> str:
    return quote(value, safe="")


_ESCAPES: dict[Target, Callable[[str], str]] = {
    Target.TEXT: str,
    Target.HTML: _escape_html,
    Target.HEADER: clean_line,
    Target.URL: _escape_url,
}
