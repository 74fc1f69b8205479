"""Where the old text begins: the first line a program wrote by itself above what it quotes."""

from __future__ import annotations

import re
from dataclasses import dataclass

from otklik.plugins.channel_email.html_quotes import Marks

from . import separators
from .attributions import (
    ADDRESS,
    WROTE,
    Introduction,
    ends_in_colon,
    find_introduction,
    introduces_alone,
    introduction_within,
    is_dated,
    is_introduction_like,
)
from .copied_headers import (
    RULE,
    header_end,
    label_kind,
    lotus_header_end,
    unknown_header_end,
)
from .history import Talk, is_history
from .quoting import is_quoted, unquoted

MAX_LINES = 20_000  # a new text above its quotes is not longer
MAX_TRIES = 500  # lines that look like an introduction and are none
_LONGEST_RULE = 300
# "Thanks On Wed, Apr 4, 2012 at 3:59 PM, bob@example.com wrote:": the break was lost on the way.
_SHARED = re.compile(
    r"(?=.{1,300}\S@\S)(\S.{0,300}?(?:\s|-{2,}))-*\s*On (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6}, "
)


@dataclass(frozen=True, slots=True)
class Cut:
    """The introducing lines ``start`` to ``after``, the quoted text from ``after`` on.

    ``is_marked``: the old text carries quote marks. ``is_weak``: the customer may have written
    the introduction by hand.
    """

    start: int
    after: int
    is_marked: bool = False
    is_weak: bool = False
    is_forward: bool = False
    own_words: str = ""  # new text that shares its line with the introduction


def find_cut(lines: list[str], marks: Marks, talk: Talk, *, start: int = 0) -> Cut | None:
    """The first place from ``start`` on where something old begins, None when there is none."""
    tries = 0
    is_block = False  # inside a run of quoted lines
    for index in range(start, min(len(lines), MAX_LINES)):
        line = lines[index]
        if marks and (cut := _by_markup(lines, marks, index)) is not None:
            return cut
        if not line.strip():
            continue
        if is_quoted(line):
            if not is_block and tries < MAX_TRIES:
                is_block = True
                tries += 1
                if separators.FORWARD.match(unquoted(line)[:200]):
                    return Cut(index, index, is_forward=True)
                if separators.GROUPWISE.match(line[:300]) and is_dated(line[:300]):
                    return _made(lines, _above(lines, index), index + 1)
                after = _introduced_inside(lines, index)
                if after:
                    return Cut(_above(lines, index), after, is_marked=True)
            continue
        is_block = False
        cut = _by_separator(lines, index)
        if cut is not None:
            return cut
        short = line[:500]
        if ":" not in short and "：" not in short:
            continue
        if tries >= MAX_TRIES:
            continue
        if label_kind(short):
            tries += 1
            end = header_end(lines, index)
            if end and is_history(lines, index, end, talk):
                return _made(lines, _above(lines, index), end)
        if ends_in_colon(short):
            tries += 1
            cut = _by_introduction(lines, index)
            if cut is not None:
                return cut
        elif "@" in short and introduction_within(short):
            return Cut(_above(lines, index), index + 1, is_marked=_next_is_quoted(lines, index + 1))
    return None


def old_lines(tail: list[str], talk: Talk) -> tuple[int, set[int]]:
    """Below quotes: where an unmarked old message begins, and unmarked lines that introduce."""
    introducing: set[int] = set()
    tries = 0
    for index, line in enumerate(tail[:MAX_LINES]):
        if not line.strip() or is_quoted(line) or tries >= MAX_TRIES:
            continue
        short = line[:500]
        if separators.ORIGINAL.match(short) or separators.REPLY_ABOVE.match(short):
            return index, introducing
        if ":" not in short and "：" not in short:
            continue
        if label_kind(short):
            tries += 1
            end = header_end(tail, index)
            if end and is_history(tail, index, end, talk):
                return _above(tail, index), introducing
        if ends_in_colon(short):
            tries += 1
            found = find_introduction(tail, index)
            if found is not None and not found.is_weak:
                if _next_is_quoted(tail, found.after):
                    introducing.update(range(found.start, found.after))
                elif found.is_sure:
                    return found.start, introducing
    return len(tail), introducing


def _by_markup(lines: list[str], marks: Marks, index: int) -> Cut | None:
    if index in marks.introductions:
        end = marks.introductions[index]
        if any(separators.FORWARD.match(unquoted(line)[:200]) for line in lines[index : end + 1]):
            return Cut(index, end, is_forward=True)
        if end - index <= 6:
            return _made(lines, index, end)
    if index in marks.cuts and index + 1 < len(lines):
        beginning = [unquoted(line)[:200] for line in lines[index : index + 3]]
        if any(separators.FORWARD.match(line) for line in beginning):
            return Cut(index, index, is_forward=True)
        after = _introduction_end(lines, index)
        ahead = lines[index : index + 6]
        is_proven = after > index or any(is_quoted(line) or ends_in_colon(line) for line in ahead)
        return _made(lines, index, after) if is_proven else None
    if index in marks.rules and label_kind(lines[index][:200]) in ("from", "sent"):
        block = " ".join(line[:300] for line in lines[index : index + 2])
        if ADDRESS.search(block) and is_dated(block):
            return _made(lines, index, header_end(lines, index) or index + 2)
    if index in marks.cites:
        if separators.FORWARD.match(unquoted(lines[index])[:200]):
            return Cut(index, index, is_forward=True)
        after = _introduced_inside(lines, index)
        return Cut(index, after or index, is_marked=True)
    return None


def _introduction_end(lines: list[str], index: int) -> int:
    """The line after the header or attribution at ``index``; ``index`` when there is none."""
    end = header_end(lines, index) or unknown_header_end(lines, index)
    if end:
        return end
    for last in range(index, min(len(lines), index + 5)):
        if is_quoted(lines[last]):
            break
        if ends_in_colon(lines[last]) and find_introduction(lines, last, first=index):
            return last + 1
    return index


def _by_separator(lines: list[str], index: int) -> Cut | None:
    line = lines[index]
    short = line[:2400]
    lead = short.lstrip()[:1]
    if len(short) <= 250 and _next_is_quoted(lines, index + 1) and _introduces_unended(short):
        return Cut(index, index + 1, is_marked=True)
    if lead.isalnum() or lead in "*":
        if len(short) <= 120 and separators.FORWARD.match(short):
            return Cut(index, index + 1, is_forward=True)
        if len(short) <= 60:
            if separators.BARE_ORIGINAL.match(short):
                end = _header_below(lines, index + 1)
                return _made(lines, index, end) if end else None
            end = lotus_header_end(lines, index)
            if end:
                return _lotus(lines, index, end)
        if len(short) <= 200 and separators.REPLY_ABOVE.match(short):
            return _made(lines, _above(lines, index), index + 1) if index else None
        return None
    if separators.FORWARD.match(short[:200]):
        return Cut(index, index + 1, is_forward=True)
    dashed = separators.DASHED.match(short[:300])
    if dashed and introduces_alone(dashed[1]):
        return _made(lines, index, index + 1)
    if separators.ORIGINAL.match(short):
        end = _header_below(lines, index + 1) or index + 1
        return _made(lines, _above(lines, index), end)
    if len(short) <= 200 and separators.REPLY_ABOVE.match(short) and index:
        return _made(lines, _above(lines, index), index + 1)
    if RULE.match(short[:_LONGEST_RULE]) and len(short.strip()) >= 10:
        below = _next(lines, index + 1)
        end = unknown_header_end(lines, below) if below is not None else 0
        if end:
            return _made(lines, _above(lines, index), end)
    return None


def _introduces_unended(line: str) -> bool:
    """Rambler, Gmail of old and some phones end it without a colon."""
    text = line.strip()
    is_ended = text.endswith(">") or WROTE.search(text[-24:]) is not None
    return is_ended and is_dated(text) and is_introduction_like(text)


def _header_below(lines: list[str], start: int) -> int:
    below = _next(lines, start)
    if below is None or is_quoted(lines[below]):
        return 0
    end = _introduction_end(lines, below)
    return end if end > below else 0


def _lotus(lines: list[str], index: int, end: int) -> Cut | None:
    for start in range(index - 1, max(-1, index - 6), -1):
        if is_dated(lines[start][:200]):
            has_name = start > 0 and lines[start - 1].strip() and not ADDRESS.search(lines[start])
            return _made(lines, start - 1 if has_name else start, end)
    return None


def _by_introduction(lines: list[str], index: int) -> Cut | None:
    found: Introduction | None = find_introduction(lines, index)
    followed = _next_is_quoted(lines, index + 1)
    shared = _SHARED.match(lines[index][:400]) if followed else None
    if shared and introduces_alone(lines[index][shared.end(1) :].strip().rstrip(":")):
        words = shared[1].rstrip(" -")
        return Cut(index, index + 1, is_marked=True, own_words=words)
    if found is None:
        if followed and is_introduction_like(lines[index]):
            return Cut(index, index + 1, is_marked=True, is_weak=True)
        return None
    if any(is_quoted(line) for line in lines[found.start : index]):
        return None
    shared = _SHARED.match(lines[found.start][:400]) if followed else None
    if shared and not found.is_weak:
        return Cut(found.start, found.after, is_marked=True, own_words=shared[1].rstrip(" -"))
    start = _above(lines, found.start)
    if followed:
        return Cut(start, found.after, is_marked=True, is_weak=found.is_weak)
    return Cut(start, found.after) if found.is_sure else None


def _introduced_inside(lines: list[str], index: int) -> int:
    """The line after an introduction that is itself quoted (Mail.ru, Apple), 0 when none is."""
    inside: list[str] = []
    for line in lines[index : index + 16]:
        if line.strip() and not is_quoted(line):
            break
        inside.append(unquoted(line))
    first = _next(inside, 0)
    if first is None:
        return 0
    if separators.ORIGINAL.match(inside[first][:400]):
        return index + first + 1
    end = header_end(inside, first)
    if end:
        return index + end
    for last in range(first, min(len(inside), first + 5)):
        if not inside[last].strip():
            break
        if ends_in_colon(inside[last]):
            found = find_introduction(inside, last, first=first)
            if found is not None and not found.is_weak and found.start == first:
                return index + last + 1
    return 0


def _made(lines: list[str], start: int, after: int) -> Cut:
    return Cut(start, after, is_marked=_next_is_quoted(lines, after))


def _above(lines: list[str], start: int) -> int:
    """Rules and blank lines right above what introduces belong to it."""
    index = start
    while index and (not lines[index - 1].strip() or RULE.match(lines[index - 1][:_LONGEST_RULE])):
        index -= 1
    return index


def _next(lines: list[str], start: int) -> int | None:
    return next((at for at in range(start, min(len(lines), start + 5)) if lines[at].strip()), None)


def _next_is_quoted(lines: list[str], start: int) -> bool:
    at = _next(lines, start)
    return at is not None and is_quoted(lines[at])
