"""HTML mail as plain text in which quotes keep their ``>`` marks, as in a text part."""

from __future__ import annotations

import re

from otklik.kit.html import html_to_text

MAX_DEPTH = 4
MAX_QUOTES = 200
_TAG = re.compile(r"<(/?)blockquote\b([^>]{0,2000})>", re.IGNORECASE)
# Indented by hand in Gmail: a blockquote without a border is the author's own text.
_INDENT = re.compile(r"border\s*:\s*(?:none|0)|webkit-indent", re.IGNORECASE)


def mail_html_to_text(html: str, *, depth: int = 0) -> str:
    """Like ``kit.html.html_to_text``, with the text of each quote behind ``>``."""
    spans = _quotes(html) if depth < MAX_DEPTH else []
    if not spans:
        return html_to_text(html)
    pieces = []
    position = 0
    for start, inner_start, inner_end, end in spans:
        pieces.append(html_to_text(html[position:start]))
        inner = mail_html_to_text(html[inner_start:inner_end], depth=depth + 1)
        pieces.append("\n".join(_mark(line) for line in inner.strip("\n").split("\n")))
        position = end
    pieces.append(html_to_text(html[position:]))
    return "\n".join(piece for piece in pieces if piece.strip())


def _mark(line: str) -> str:
    if not line.strip():
        return ">"
    return f">{line}" if line.startswith(">") else f"> {line}"


def _quotes(html: str) -> list[tuple[int, int, int, int]]:
    """Outermost quotes: (start, inner start, inner end, end); an unclosed one ends last."""
    spans: list[tuple[int, int, int, int]] = []
    stack: list[bool] = []  # for each open blockquote: is it a quote
    start = inner = 0
    for found in _TAG.finditer(html):
        if not found[1]:
            is_quote = not _INDENT.search(found[2])
            if is_quote and not any(stack):
                start, inner = found.start(), found.end()
            stack.append(is_quote)
        elif stack:
            was_quote = stack.pop()
            if was_quote and not any(stack):
                spans.append((start, inner, found.start(), found.end()))
        if len(spans) >= MAX_QUOTES:
            return spans
    if any(stack):
        spans.append((start, inner, len(html), len(html)))
    return spans
