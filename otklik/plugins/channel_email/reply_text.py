"""The new part of a reply, parted from what it quotes and from signatures.

One rule stands above the others: when unsure, show more. A cut is made only at something a mail
program writes by itself (an attribution, a copied header, quote marks); where the new text stands
between the quotes, the quotes it answers stay; a forward keeps all of its content.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from .html_quotes import Marks, has_marks, read_html
from .replies import signatures
from .replies.attributions import ADDRESS
from .replies.copied_headers import label_kind
from .replies.cuts import Cut, find_cut, old_lines
from .replies.history import Talk
from .replies.quoting import answers_below, has_words, is_plainly_quoted, unquoted
from .replies.separators import ANSWERS_INSIDE, REPLY_SUBJECT, is_forward_subject

MAX_OWN_QUOTES = 10
_WORD = re.compile(r"\w+")
_BANNER = re.compile(
    r"[\s*\[!⚠️]*(?:caution|warning|external|attention|внимание|осторожно|внешн(?:ее|яя))\b.{0,80}"
    r"(?:originated|external|outside|отправлено извне|внешн|из-за пределов)",
    re.IGNORECASE,
)
_MOST_COMPARED = 200_000  # characters of a letter whose two forms are laid side by side


@dataclass(frozen=True, slots=True)
class SplitReply:
    """``reply`` is what the sender wrote now; ``rest`` what was folded away ("" when nothing)."""

    reply: str
    rest: str = ""


class LetterPart(Protocol):
    """A text of a letter in one or both of its forms, "" for a form that it lacks."""

    plain: str
    html: str


@dataclass(frozen=True, slots=True)
class _Letter:
    """What its header says of a letter. ``is_first``: that it answers no other."""

    talk: Talk
    is_first: bool = False


def split_letter(
    parts: Iterable[LetterPart],
    *,
    subject: str = "",
    sender: str = "",
    readers: frozenset[str] = frozenset(),
    is_first: bool = False,
) -> SplitReply:
    """Part the text of a letter; ``sender`` is the name in its From field, ``readers`` are the
    addresses it is for.

    ``is_first`` is a letter that answers no other (nothing in its header says so). A header copied
    into it that names none of its readers is no history of a talk but what the letter is about,
    and stays.

    The plain text is what is shown where there is one. Where its words leave open what is new, the
    markup of the HTML form is asked. Never raises, never returns an empty reply.
    """
    lines: list[str] = []
    marks = Marks()
    htmls = []
    for part in parts:
        if part.plain.strip() or not part.html:
            own, own_marks = _plain_lines(part.plain), Marks()
        else:
            own, own_marks = read_html(part.html, names_links=True)
        while own and not own[-1].strip():
            own = own[:-1]
        if not own:
            continue
        if lines:
            lines.append("")
        marks.update(own_marks.shifted(len(lines)))
        lines.extend(own)
        if part.html and part.plain.strip():
            htmls.append(part.html)
    letter = _Letter(Talk(subject, sender, readers), is_first)
    found = _split(lines, marks, letter)
    if found.rest or len(htmls) != 1 or not has_marks(htmls[0]):
        return found
    return _as_in_html(found, htmls[0], letter)


def split_reply(text: str, *, subject: str = "", sender: str = "") -> SplitReply:
    """Part a plain text. Never raises, never returns an empty reply."""
    return _split(_plain_lines(text), Marks(), _Letter(Talk(subject, sender)))


def _plain_lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\xa0", " ").split("\n")


def _split(lines: list[str], marks: Marks, letter: _Letter) -> SplitReply:
    whole = "\n".join(lines)
    talk, sender = letter.talk, letter.talk.sender
    if not whole.strip() or is_forward_subject(talk.subject, whole):
        return SplitReply(whole.strip())
    cut = _find_cut(lines, marks, talk)
    if cut is None:
        kept = _without_last_quote(lines, talk.subject)
        return _result(whole, _unsigned(kept, marks, sender))
    if cut.is_forward or (
        letter.is_first and _is_of_others(lines[cut.start : cut.after], talk.readers)
    ):
        return SplitReply(whole.strip())
    head, tail = lines[: cut.start], lines[cut.after :]
    if cut.own_words:
        head = [*head, cut.own_words]
    if cut.is_marked:
        return _result(whole, _around_quotes(lines, head, tail, cut, marks, talk))
    if _leads_in(head):
        return SplitReply(whole.strip())
    if head and ANSWERS_INSIDE.search("\n".join(line[:300] for line in head[-12:])):
        return SplitReply(whole.strip())
    return _result(whole, _unsigned(head, marks, sender))


def _around_quotes(
    lines: list[str], head: list[str], tail: list[str], cut: Cut, marks: Marks, talk: Talk
) -> list[str]:
    """What stands above, between and below marked quotes."""
    sender = talk.sender
    below, is_between = _answers(tail, talk)
    has_head = has_words(head)
    if not below:
        return _unsigned(head, marks, sender)
    if is_between:
        return [*head, *lines[cut.start : cut.after], *below]
    above = _unsigned(head, marks, sender) if has_head else []
    if not has_words(signatures.without_signature(above, sender=sender, may_be_all=True)):
        above = []  # "Sent from my iPhone" above the quote, the answer below it
    return ["\n".join(above).strip(), "", "\n".join(below).strip("\n")]


def _answers(tail: list[str], talk: Talk) -> tuple[list[str], bool]:
    end, also_old = old_lines(tail, talk)
    return answers_below(
        tail[:end],
        lambda block: signatures.without_signature(block, sender=talk.sender, may_be_all=True),
        also_old,
    )


def _find_cut(lines: list[str], marks: Marks, talk: Talk) -> Cut | None:
    """The first cut that is not the customer's own quoting: "You wrote:", a quote, an answer."""
    cut = find_cut(lines, marks, talk)
    for _ in range(MAX_OWN_QUOTES):
        if cut is None or not cut.is_weak or not _answers(lines[cut.after :], talk)[0]:
            return cut
        cut = find_cut(lines, marks, talk, start=cut.after)
    return None


def _unsigned(kept: list[str], marks: Marks, sender: str) -> list[str]:
    """Without signatures that the markup names, then without those the words show."""
    for start, marked_end in reversed(marks.signatures):
        end = min(marked_end, len(kept))
        if start < end and signatures.is_signature(kept[start:end]):
            below = signatures.without_signature(kept[end:], sender=sender, may_be_all=True)
            if not has_words(below) and has_words(kept[:start]):
                kept = kept[:start]
    return signatures.without_signature(kept, sender=sender)


def _without_last_quote(lines: list[str], subject: str) -> list[str]:
    """Quote marks at the very end of a reply with nothing introducing them."""
    if subject.strip() and not REPLY_SUBJECT.match(subject):
        return lines
    end = len(lines)
    while end and (not lines[end - 1].strip() or is_plainly_quoted(lines[end - 1])):
        end -= 1
    quotes = [line.lstrip() for line in lines[end:] if line.strip()]
    # ">>>" alone is a prompt of a console, not a quote in a quote.
    is_prompt = all(line.startswith(">>") for line in quotes)
    if len(quotes) < 2 or is_prompt or _leads_in(lines[:end]):
        return lines
    return lines[:end]


def _leads_in(head: list[str]) -> bool:
    """ "This is what they wrote to me:": what follows was put there on purpose."""
    last = next((line.rstrip() for line in reversed(head) if line.strip()), "")
    return last.endswith((":", "：")) and not last.lstrip().startswith(">")


def _is_of_others(introduction: list[str], readers: frozenset[str]) -> bool:
    """Whether these lines are a copied header that names nobody of ``readers``."""
    if not any(label_kind(unquoted(line)[:200]) for line in introduction):
        return False
    named = {one.lower() for line in introduction for one in ADDRESS.findall(line[:600])}
    return named.isdisjoint(readers)


def _result(whole: str, kept: list[str]) -> SplitReply:
    reply = "\n".join(_without_banner(kept)).strip()
    whole = whole.strip()
    if not has_words([reply]) or len(reply) >= len(whole):
        return SplitReply(whole)
    rest = whole.removeprefix(reply).strip() if whole.startswith(reply) else whole
    return SplitReply(reply, rest)


def _without_banner(kept: list[str]) -> list[str]:
    """Without "CAUTION: this message is from outside", which a gateway set above the words."""
    first = next((index for index, line in enumerate(kept[:20]) if line.strip()), 0)
    if not kept or not _BANNER.match(kept[first][:300]):
        return kept
    end = first
    while end < len(kept) and kept[end].strip():
        end += 1
    is_short = end - first <= 5 and has_words(kept[end:])
    return kept[end:] if is_short else kept


def _as_in_html(found: SplitReply, html: str, letter: _Letter) -> SplitReply:
    """The plain text cut where the markup of the same words cuts them."""
    lines, marks = read_html(html)
    if not marks:
        return found
    shown = _split(lines, marks, letter)
    if not shown.rest or len(found.reply) > _MOST_COMPARED:
        return found
    words = _WORD.findall(shown.reply)
    last = None
    for word in words:
        last = _WORD.search(found.reply, last.end() if last else 0)
        if last is None or last[0] != word:
            return found
    if last is None:
        return found
    line_end = found.reply.find("\n", last.end())
    rest_of_line = found.reply[last.end() : line_end if line_end >= 0 else len(found.reply)]
    if _WORD.search(rest_of_line):
        return found
    return _result(found.reply, [found.reply[: last.end()] + rest_of_line])
