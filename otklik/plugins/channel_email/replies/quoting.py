"""Quote marks: which lines carry them, and what was written under or between such lines."""

from __future__ import annotations

import re
from collections.abc import Callable

_MARK = re.compile(r"[ \t\ufeff\u200b]{0,8}(?:>|＞|&gt;)")
# The Bat! sets the initials of whom it quotes before the mark: "МК> Какая модель?"
_INITIALS = re.compile(r" ?[A-ZА-ЯЁІЇЄҐ]{1,3}>+(?: |$)")
_MARKS = re.compile(r"[ \t\ufeff\u200b]*(?:[A-ZА-ЯЁІЇЄҐ]{0,3}(?:>|＞|&gt;)[ \t]?)+")
_ANSWER = re.compile(
    r"(?:да|нет|не|ок|ага|yes|no|not|ok|okay|ja|nein|oui|non|sí|si)\b", re.IGNORECASE
)
_SENTENCE_END = (".", "?", "!", ":", ";", "…", ">", "*")
# A link broken by wrapping: it opens at the end of a quoted line, or closes in the next one.
_OPEN_LINK = re.compile(r"[<(\[]https?://[^\s)>\]]*$")
_LONE_LINK = re.compile(
    r"[^\s<(]{4,}[>)\]]\s*$|[<(\[]?https?://\S+[>)\]]?\s*>\s*$|[<(\[]https?://\S+$"
)

WithoutSignature = Callable[[list[str]], list[str]]


def is_quoted(line: str) -> bool:
    first = line[:1]
    if first == ">":
        return True
    if first.islower():
        return False
    return _MARK.match(line) is not None or _INITIALS.match(line) is not None


def is_plainly_quoted(line: str) -> bool:
    """Quoted by ``>`` itself: initials before it are also a prompt ("SQL> select")."""
    return _MARK.match(line) is not None


def unquoted(line: str) -> str:
    """The line without its marks."""
    found = _MARKS.match(line[:200])
    return line[found.end() :] if found else line


def has_words(lines: list[str]) -> bool:
    """Whether somebody said something: "👍", ":)" and "???" are words, too."""
    return any(
        character.isalnum() or character in "?!)+" or character > "\u2190"
        for line in lines
        for character in line
        if not character.isspace() and character not in "\ufeff＞"
    )


def answers_below(
    tail: list[str], without_signature: WithoutSignature, also_old: set[int]
) -> tuple[list[str], bool]:
    """What was written under or between the quotes in ``tail``, and whether between.

    Under one quote: the answer alone. Between quotes: with the quotes it answers; what is quoted
    below the last answer is left out.
    """
    blocks = _blocks(tail, also_old)
    answers = [block for is_quote, block in blocks if not is_quote]
    if not any(has_words(without_signature(block)) for block in answers if has_words(block)):
        return [], False
    quotes_before = quotes_after = 0
    last_own = max(
        index for index, (is_quote, block) in enumerate(blocks) if not is_quote and has_words(block)
    )
    for index, (is_quote, block) in enumerate(blocks):
        if quotes_before > 1:
            break
        if is_quote and has_words([unquoted(line) for line in block]):
            quotes_before += index < last_own
            quotes_after += index > last_own
    is_between = quotes_before > 1 or (quotes_before == 1 and quotes_after > 0)
    kept = [
        line
        for is_quote, block in blocks[: last_own + 1]
        if is_between or not is_quote
        for line in block
    ]
    return without_signature(kept), is_between


def _blocks(lines: list[str], also_old: set[int]) -> list[tuple[bool, list[str]]]:
    """Runs of quoted and of own lines; blank lines join the run before them."""
    blocks: list[tuple[bool, list[str]]] = []
    for index, line in enumerate(lines):
        is_quote = is_quoted(line) or index in also_old or _is_wrapped_quote(lines, index)
        if blocks and (not line.strip() or blocks[-1][0] == is_quote):
            blocks[-1][1].append(line)
        else:
            blocks.append((is_quote, [line]))
    return blocks


def _is_wrapped_quote(lines: list[str], index: int) -> bool:
    """The end of a quoted line that a program wrapped without marking it again."""
    line = lines[index]
    if not line.strip() or index == 0 or index + 1 >= len(lines):
        return False
    above, below = lines[index - 1], lines[index + 1]
    if not is_quoted(above) or not is_quoted(below) or len(line) > 72:
        return False
    end = above.rstrip()
    if _OPEN_LINK.search(end[-300:]) or _LONE_LINK.match(line.strip()[:300]):
        return True
    scrap = line.strip()
    if not scrap[0].islower() or _ANSWER.match(scrap):
        return False
    return len(end) >= 60 and not end.endswith(_SENTENCE_END)
