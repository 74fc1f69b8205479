"""Whether a header that stands in a letter begins the history of the talk, or is something that the
writer put there: a line of a mail server's log, the source of a letter, somebody else's letter.

A program that answers copies the header of the very letter it answers, from us, under the subject
that the answer has, or it sets it apart by a rule, quote marks or bold labels. What has none of it
is shown.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from otklik.kit.text import normalise

from . import closings, separators
from .attributions import ADDRESS, ends_in_colon, find_introduction
from .copied_headers import RULE, header_end, kinds_within, label_kind
from .name_spellings import spelt_alike
from .quoting import is_quoted

_BESIDE = 2  # lines above and below a header that belong to it when they look like it
_LOOKED_AT = 200  # lines below it that are looked through for the writer's own signature
_MOST_PREFIXES = 8
# Of sources and logs: a program that answers copies none of these.
_RAW = re.compile(
    r"\s*(?:message-id|received|return-path|delivered-to|envelope-\w+|delivery-date|mime-version|"
    r"content-[\w-]+|dkim-signature|authentication-results|arc-[\w-]+|x-[\w-]+|in-reply-to|"
    r"references|user-agent|list-[\w-]+|received-spf|status|queue[ -]?id|delay|delays|relay|dsn|"
    r"size|result|action|diagnostic-code|remote-mta|final-recipient|"
    r"статус|размер|результат|ошибка|задержка|очередь|id|ид|код)\s*[:=]",
    re.IGNORECASE,
)
# "20.11.2026 12:30:05 mail postfix/smtp[4711]: …"
_LOGGED = re.compile(
    r"\s*\[?(?:\d{1,4}[./-]\d{1,2}[./-]\d{1,4}[ T]|[A-Z][a-z]{2} +\d{1,2} )\d{2}:\d{2}:\d{2}\S* +\S"
)
_BOLD = re.compile(r"\s*[*_]{1,2}[^*_\s][^*_:]{0,40}[:：]?[*_]{1,2}")
_VALUE = re.compile(r"[^:：]{1,60}[:：][*_\s]*(.*)", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


@dataclass(frozen=True, slots=True)
class Talk:
    """What is known of a letter and its talk: its subject, the name in its From field, and the
    addresses it is for, ours among them."""

    subject: str = ""
    sender: str = ""
    readers: frozenset[str] = frozenset()


def is_history(lines: list[str], start: int, end: int, talk: Talk) -> bool:
    """Of the header in lines ``start`` to ``end`` (excluded)."""
    beside = [*_near(lines, start, -1), *lines[start:end], *_near(lines, end, 1)]
    if any(_RAW.match(line[:80]) or _LOGGED.match(line[:80]) for line in beside):
        return False
    if _is_signed_below(lines, start, end, talk):
        return False
    if _is_set_apart(lines, start, end) or _is_from(lines[start:end], talk.readers):
        return True
    return _is_of_subject(lines[start:end], talk.subject)


def _near(lines: list[str], at: int, step: int) -> list[str]:
    """The lines right above, or below, without a blank one between."""
    found: list[str] = []
    index = at - 1 if step < 0 else at
    while 0 <= index < len(lines) and lines[index].strip() and len(found) < _BESIDE:
        found.append(lines[index])
        index += step
    return found


def _is_set_apart(lines: list[str], start: int, end: int) -> bool:
    """By a rule above it, by quote marks below, by labels in bold."""
    above = start - 1
    while above >= 0 and not lines[above].strip():
        above -= 1
    if above >= 0 and RULE.match(lines[above][:300]):
        return True
    below = next((line for line in lines[end : end + 5] if line.strip()), "")
    if below and is_quoted(below):
        return True
    return sum(bool(_BOLD.match(line[:80])) for line in lines[start:end]) >= 2


def _is_from(block: list[str], readers: frozenset[str]) -> bool:
    """Written by one whom the letter goes to."""
    said = next((line for line in block if label_kind(line[:200]) == "from"), block[0])
    found = ADDRESS.search(said[:600])
    return found is not None and found[0].lower() in readers


def _is_of_subject(block: list[str], subject: str) -> bool:
    """Nothing said of it speaks for neither."""
    own = _base(subject)
    if not own:
        return True
    first = block[0][:1200]
    if len(block) == 1 and "subject" in kinds_within(first):
        return own in normalise(first)
    named = [line[:600] for line in block if label_kind(line[:200]) == "subject"]
    if not named:
        return True
    found = _VALUE.match(named[0])
    theirs = _base(found[1] if found else "")
    return bool(theirs) and (theirs in own or own in theirs)


def _base(subject: str) -> str:
    """Without "Re:", "AW:", "[EXT]" and the like."""
    text = subject[:600]
    for _turn in range(_MOST_PREFIXES):
        found = separators.REPLY_SUBJECT.match(text) or separators.FORWARD_SUBJECT.match(text)
        if found is None:
            break
        text = text[found.end() :]
    return normalise(re.sub(r"^\s*\[[^\]]{1,40}\]\s*", "", text)).strip()


def _is_signed_below(lines: list[str], start: int, end: int, talk: Talk) -> bool:
    """Whether the next who signs below is the writer, before anything else is quoted."""
    names = {spelt_alike(one) for one in _WORD.findall(talk.sender) if len(one) > 1}
    if not names or _says(lines[start], names):
        return False
    closed = 0  # lines that may still be the name below a closing
    for index in range(end, min(len(lines), end + _LOOKED_AT)):
        line = lines[index][:400]
        if not line.strip():
            continue
        if is_quoted(line) or (label_kind(line) and header_end(lines, index)):
            return False
        if ends_in_colon(line) and find_introduction(lines, index) is not None:
            return False
        if closings.CLOSING_WITH_NAME.match(line[:160]):
            return _says(line, names)
        if closings.CLOSING.match(line[:160]):
            closed = 2
        elif closed:
            if _says(line, names):
                return True
            closed -= 1
            if not closed:
                return False
    return False


def _says(line: str, names: set[str]) -> bool:
    return any(spelt_alike(one) in names for one in _WORD.findall(line[:200]))
