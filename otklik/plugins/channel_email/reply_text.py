"""The new part of a reply, parted from what it quotes and from signatures.

One rule stands above the others: when unsure, show more. A cut is made only at something a mail
program writes by itself (an attribution, a copied header, quote marks); where the new text stands
between the quotes, the quotes it answers stay; a forward keeps all of its content.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from . import quote_phrases as phrases

MAX_LINES = 20_000
_SIGNATURE = re.compile(r"^\s*(?:--|—|– –) ?\s*$")
MAX_SIGNATURE = 16  # lines; RFC 3676 wishes for four, people write more


@dataclass(frozen=True, slots=True)
class SplitReply:
    """``reply`` is what the sender wrote now; ``rest`` what was folded away ("" when nothing)."""

    reply: str
    rest: str = ""


@dataclass(frozen=True, slots=True)
class _Cut:
    """Where the quoted part begins: the introducing lines, then the first line after them."""

    start: int
    after: int
    is_strong: bool  # a copied header or separator: all that follows is old even without marks


def split_reply(text: str, *, subject: str = "") -> SplitReply:
    """Part ``text`` (plain, ``\\n`` line ends). Never raises, never returns an empty reply."""
    lines = text.split("\n")
    if len(lines) > MAX_LINES or not text.strip():
        return SplitReply(text.strip())
    if phrases.FORWARD_SUBJECT.match(subject):
        return SplitReply(text.strip())
    cut = _find_cut(lines)
    if cut is None:
        kept = _without_last_quote(lines)
        return _result(text, _without_signature(kept))
    if any(phrases.FORWARD.match(line) for line in lines[: cut.after + 2]):
        return SplitReply(text.strip())
    head, tail = lines[: cut.start], lines[cut.after :]
    has_marks = any(_is_quoted(line) for line in tail)
    if not has_marks and not cut.is_strong:
        return _result(text, _without_signature(lines))
    if not has_marks:
        return _result(text, _without_signature(head))
    return _result(
        text, _join(_without_signature(head), _answers_below(tail), lines[cut.start : cut.after])
    )


def _result(text: str, kept: list[str]) -> SplitReply:
    reply = "\n".join(kept).strip()
    whole = text.strip()
    if not re.search(r"\w", reply):
        return SplitReply(whole)
    if len(reply) >= len(whole):
        return SplitReply(whole)
    rest = whole.removeprefix(reply).strip() if whole.startswith(reply) else whole
    return SplitReply(reply, rest)


def _find_cut(lines: list[str]) -> _Cut | None:
    for index, line in enumerate(lines):
        if not line.strip() or _is_quoted(line):
            continue
        if phrases.ORIGINAL.match(line):
            return _Cut(index, index + 1, is_strong=True)
        if phrases.HEADER_START.match(line):
            end = _header_end(lines, index)
            if end:
                start = index
                while start and (
                    not lines[start - 1].strip() or phrases.RULE.match(lines[start - 1])
                ):
                    start -= 1
                return _Cut(start, end, is_strong=True)
        cut = _attribution(lines, index)
        if cut is not None:
            return cut
    return None


def _header_end(lines: list[str], start: int) -> int:
    """The line after a copied header, 0 when the lines are none. Wrapped values are allowed."""
    labels: set[str] = set()
    has_anchor = False
    last = start
    for index in range(start, min(len(lines), start + 14)):
        line = lines[index]
        found = phrases.HEADER_LINE.match(line)
        if found:
            labels.add(found["label"].lower())
            has_anchor = has_anchor or bool(phrases.HEADER_ANCHOR.match(line))
            last = index
        elif (line.strip() and index - last > 2) or (not line.strip() and len(labels) >= 3):
            break
    return last + 1 if len(labels) >= 3 and has_anchor else 0


def _attribution(lines: list[str], index: int) -> _Cut | None:
    """An introducing sentence of one to four lines that ends in a colon."""
    first = lines[index].strip()
    if len(first) > 300:
        return None
    joined = ""
    for offset in range(4):
        if index + offset >= len(lines):
            break
        line = lines[index + offset].strip()
        if not line or _is_quoted(lines[index + offset]):
            break
        joined = f"{joined} {line}".strip()
        if not line.endswith((":", "：")):
            continue
        if len(joined) > 400 or not _introduces(joined, first):
            return None
        after = index + offset + 1
        followed = _next_line(lines, after)
        if followed is not None and _is_quoted(followed):
            return _Cut(index, after, is_strong=False)
        strong = _is_dated(joined) and bool(
            phrases.ADDRESS.search(joined) or phrases.WROTE_AT_END.search(joined)
        )
        return _Cut(index, after, is_strong=strong) if followed is not None else None
    return None


def _introduces(joined: str, first: str) -> bool:
    """Whether a sentence is an attribution and its first line already belongs to it."""
    is_dated = _is_dated(joined)
    has_address = bool(phrases.ADDRESS.search(joined))
    has_verb = bool(phrases.WROTE_AT_END.search(joined) or phrases.WROTE_INSIDE.search(joined))
    starts = (
        _is_dated(first)
        or bool(phrases.ADDRESS.search(first))
        or bool(re.match(r"(?:on|am|le|el|il|em|op|den|dne|w dniu|в)\s", first, re.IGNORECASE))
    )
    if not (starts or joined == first):
        return False
    if has_verb:
        return is_dated or has_address or len(joined) <= 80
    if phrases.FROM_AT_END.search(joined):
        return is_dated
    return is_dated and has_address and bool(re.search(r"[>\"»)]\s*:$", joined))


def _is_dated(text: str) -> bool:
    return bool(phrases.DATE.search(text)) or bool(
        phrases.TIME.search(text) and re.search(phrases.MONTHS, text, re.IGNORECASE)
    )


def _answers_below(tail: list[str]) -> list[str]:
    """What was written under or between the quotes. Between them, the quotes stay for context."""
    while tail and not tail[0].strip():
        tail = tail[1:]
    blocks = _blocks(tail)
    answers = [block for is_quote, block in blocks if not is_quote]
    if not any(re.search(r"\w", "\n".join(_without_signature(block))) for block in answers):
        return []
    # Wrapped ends of quoted lines look like answers; a lone lower-case scrap is shown all the same.
    while blocks and (blocks[-1][0] or not any(line.strip() for line in blocks[-1][1])):
        blocks.pop()
    quotes = sum(is_quote for is_quote, _ in blocks)
    kept = [line for is_quote, block in blocks if not (is_quote and quotes == 1) for line in block]
    return _without_signature(kept)


def _blocks(lines: list[str]) -> list[tuple[bool, list[str]]]:
    """Runs of quoted and of own lines; blank lines join the run before them."""
    blocks: list[tuple[bool, list[str]]] = []
    for line in lines:
        is_quote = _is_quoted(line)
        if blocks and (not line.strip() or blocks[-1][0] == is_quote):
            blocks[-1][1].append(line)
        else:
            blocks.append((is_quote, [line]))
    return blocks


def _join(head: list[str], below: list[str], introduction: list[str]) -> list[str]:
    if not below:
        return head
    if any(_is_quoted(line) for line in below):
        return [*head, *introduction, *below]
    return [*head, *([""] if any(line.strip() for line in head) else []), *below]


def _without_last_quote(lines: list[str]) -> list[str]:
    """Quote marks at the very end with nothing introducing them."""
    end = len(lines)
    while end and (not lines[end - 1].strip() or _is_quoted(lines[end - 1])):
        end -= 1
    quoted = sum(_is_quoted(line) for line in lines[end:])
    return lines[:end] if quoted >= 2 and end else lines


def _without_signature(lines: list[str]) -> list[str]:
    """Without what follows "-- ", and without "Sent from my phone" as the last words."""
    kept = list(lines)
    for index in range(len(kept) - 1, -1, -1):
        if _SIGNATURE.match(kept[index]) and len(kept) - index <= MAX_SIGNATURE + 1:
            before = kept[:index]
            # "--" as the first line is a signature over a quote, or all there is.
            kept = before if any(line.strip() for line in before) or index == 0 else kept
    while kept and not kept[-1].strip():
        kept.pop()
    for _ in range(2):
        if kept and phrases.SENT_FROM.match(kept[-1]):
            kept.pop()
            while kept and (not kept[-1].strip() or phrases.RULE.match(kept[-1])):
                kept.pop()
    return kept


def _next_line(lines: list[str], start: int) -> str | None:
    return next((line for line in lines[start : start + 4] if line.strip()), None)


def _is_quoted(line: str) -> bool:
    stripped = line.lstrip()
    return stripped.startswith((">", "＞"))
