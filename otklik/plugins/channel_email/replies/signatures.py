"""Signatures: taken off the end of what was written, and only when they are nothing else.

A letter loses its signature when a program set a delimiter above it ("-- "), or when a formal
closing, the sender's name or a contact line says what the last lines are. A question, a
postscript or a sentence among them, and the whole stays.
"""

from __future__ import annotations

import re

from . import closings
from .attributions import ADDRESS
from .device_lines import is_device_line, is_footer_line
from .name_spellings import spelt_alike

MAX_LINES = 16
_MAX_LOOKED_AT = 120  # lines from the end
_DELIMITER = re.compile(r"\s{0,3}(?:--|—|–|– –|——) ?\s*$")
_RULE = re.compile(r"\s*+(?:[-_=*~—–─]\s?){2,}+\s*+$")
_URL = re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE)
_LONE_URL = re.compile(r"\s*[<(\[]?https?://\S+\s*$", re.IGNORECASE)
_PHONE = re.compile(r"(?<![\w#№])\+?\(?\d[\d\s().\-–/]{5,22}\d(?!\w)")
_CONTACT = re.compile(
    r"(?<!\w)(?:тел|моб|факс|e-?mail|почта|сайт|адрес|skype|telegram|whats ?app|viber|tel|ph|"
    r"phone|mob|mobile|"
    r"cell|fax|direct|office|web|www|инн|кпп|огрн|ооо|ао|оао|пао|зао|ип|тов|фоп|gmbh|ltd|llc|inc|"
    r"s\.?r\.?l|s\.?a|ag|b\.?v|oy|ab|as|sp\. z o\.o|s\.r\.o|ул|г|пр-т|просп|оф|street|str|ave|"
    r"straße|"
    r"улица|проспект|доб|т|м|t|m)(?![\w])[.:,]?",
    re.IGNORECASE,
)
# Words of somebody who says something; names, titles and addresses do without them.
_SPEECH = re.compile(
    r"(?<!\w)(?:не|нет|пожалуйста|прошу|просьба|жду|ждём|ждем|когда|где|почему|зачем|можно|надо|"
    r"нужно|хочу|"
    r"хотел\w*|буду|будет|и ещ[её]|кстати|также|поменял\w*|изменил\w*|сменил\w*|"
    r"also|by the way|changed|пришл\w+|приш[её]л|верните|please|not|don[’']t|doesn[’']t|can[’']t|"
    r"when|where|why|"
    r"need|want|would|could|should|have|has|bitte|nicht|wann|warum|brauche|merci de|quand|pourquoi|"
    r"por favor|cuándo|necesito|proszę|kiedy|прохання|коли|немає)(?!\w)",
    re.IGNORECASE,
)
_WORD = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")
_ITEM = re.compile(r"\s*(?:[-*•·–—]|\d{1,2}[.)])\s+\S")
_DASHED_NAME = re.compile(r"\s*(?:[-–—~]|--)\s?([^\W\d_][\w.'’-]*(?: [^\W\d_][\w.'’-]*){0,2})\s*$")
_LIST = re.compile(r"\bmailing list$|список рассылки$", re.IGNORECASE)
_TITLE = re.compile(r"\s*[|/(•·]|,\s|\s[–—-]\s")  # "Jim Smith | Enrollment Manager"
_ASKS_TO_CONTACT = re.compile(
    r"(?<!\w)(?:(?:по|пере|со)?звон\w*|наберите|свяжитесь|по (?:телефону|номеру)|"
    r"мо[йеи]\w* (?:номер|телефон|контакт|адрес|почт)\w*|"
    r"(?:номер|телефон|контакт|реквизит|адрес)\w*\s(?:ниже|в подписи|указан)\w*|"
    r"(?:call|phone|ring|text|reach|contact) (?:me|us|back)|my (?:phone|number|address|contact)\w*|"
    r"(?:rufen sie|ruf) (?:mich|uns|an)|meine (?:nummer|adresse)|(?:r?appele[zr])\w*|mon numéro|"
    r"me joindre|llám\w+|mi (?:número|teléfono)|chiam\w+|il mio numero|ligue|meu número|"
    r"bel (?:me|mij)|zadzwo\w+|mój numer|зателефон\w*|передзвон\w*)(?!\w)",
    re.IGNORECASE,
)


def without_signature(lines: list[str], *, sender: str = "", may_be_all: bool = False) -> list[str]:
    """``lines`` without what signs them. ``sender`` is the name of the From field, "" unknown.

    Lines that are nothing but a signature are returned whole unless ``may_be_all``.
    """
    end = _last_word(lines, len(lines))
    floor = max(0, end - _MAX_LOOKED_AT)
    whole = end
    for _round in range(3):
        before = end
        end = _without_footers(lines, end, floor)
        end = _cut_at_delimiter(lines, end, floor, sender)
        end = _without_footers(lines, end, floor)
        end = _cut_at_closing(lines, end, floor, sender)
        end = _cut_at_name(lines, end, floor, sender)
        if end == before:
            break
    if not any(character.isalnum() for line in lines[:end] for character in line):
        return [] if may_be_all and end < whole else lines[:whole]
    if end < whole and _is_contact_asked_for(lines[:end], lines[end:whole]):
        return lines[:whole]
    return lines[:end]


def is_signature(lines: list[str]) -> bool:
    """Whether lines that the markup calls a signature may be taken for one."""
    words = [line for line in lines if line.strip()]
    if len(words) > 2 * MAX_LINES or any(_asks(line) for line in words):
        return False
    return not any(_SPEECH.search(line[:300]) for line in words[:4])


def _last_word(lines: list[str], end: int) -> int:
    while end and not lines[end - 1].strip():
        end -= 1
    return end


def _without_footers(lines: list[str], end: int, floor: int) -> int:
    """Device lines, scanners' lines and disclaimers, with the rules above them."""
    while True:
        before = end
        end = _last_word(lines, end)
        if end and (is_device_line(lines[end - 1]) or is_footer_line(lines[end - 1])):
            end -= 1
        elif end > 1 and _LONE_URL.match(lines[end - 1][:300]) and is_device_line(lines[end - 2]):
            end -= 2
        else:
            end = _without_disclaimer(lines, end, floor)
        if end == before:
            return end
        end = _last_word(lines, end)
        while end and _RULE.match(lines[end - 1][:200]):
            end = _last_word(lines, end - 1)


def _without_disclaimer(lines: list[str], end: int, floor: int) -> int:
    """A disclaimer may be some paragraphs long: the one that names it, and all below."""
    start = end
    for index in range(end - 1, max(floor, end - 40) - 1, -1):
        is_first = (
            index == 0
            or not lines[index - 1].strip()
            or len(lines[index]) >= 50
            or bool(_RULE.match(lines[index - 1][:200]))
        )
        if is_first and closings.DISCLAIMER.match(lines[index][:300]):
            paragraph = " ".join(line[:2000] for line in lines[index:end])
            if len(paragraph) >= 40 and closings.DISCLAIMER_WORDS.search(paragraph[:6000]):
                start = index
        if start < end and index < start - 12:
            break
    if start < end and any("?" in _URL.sub("", line[:500]) for line in lines[start:end]):
        return end
    return start


def _cut_at_delimiter(lines: list[str], end: int, floor: int, sender: str) -> int:
    for index in range(floor, end):
        line = lines[index]
        if not line.strip() or line[:1].isalnum():
            continue
        if _DELIMITER.match(line[:40]):
            below = lines[index + 1 : end]
            is_marked = line.strip() == "--" and (line == "-- " or _has_evidence(below, sender))
            if _signs(below, is_marked=is_marked):
                return _last_word(lines, index)
        elif _RULE.match(line[:200]):
            below = lines[index + 1 : end]
            if _signs(below, is_marked=False) and _has_evidence(below, sender):
                return _last_word(lines, index)
    return end


def _signs(below: list[str], *, is_marked: bool) -> bool:
    """Whether lines under a delimiter can be a signature and nothing else."""
    words = [line for line in below if line.strip()]
    if len(words) > MAX_LINES or any(line.lstrip().startswith("```") for line in words):
        return False
    if sum(bool(_ITEM.match(line)) for line in words) >= 2:
        return False
    if is_marked:
        return not any(_asks(line) for line in words)
    return not any(_speaks(line) for line in words)


def _has_evidence(below: list[str], sender: str) -> bool:
    """A closing, the sender, or a name above an address: a rule also underlines headings."""
    words = [line[:200] for line in below if line.strip()]
    if not words:
        return False
    if _closes(words[0]) or _is_senders(words[0], sender) or _LIST.search(words[0]):
        return True
    names = _WORD.findall(_TITLE.split(words[0], maxsplit=1)[0])
    is_name = 0 < len(names) <= 4 and all(name[0].isupper() for name in names)
    has_contact = any(_PHONE.search(line) or ADDRESS.search(line) for line in words)
    return is_name and has_contact and len(words) <= 10


def _closes(line: str) -> bool:
    return bool(closings.CLOSING.match(line) or closings.CLOSING_WITH_NAME.match(line))


def _is_contact(line: str) -> bool:
    return bool(_PHONE.search(line) or ADDRESS.search(line) or _URL.search(line))


def _asks(line: str) -> bool:
    return "?" in _URL.sub("", line[:2000]) or bool(closings.POSTSCRIPT.match(line[:20]))


def _speaks(line: str) -> bool:
    """A sentence, a question, a postscript: something said rather than signed."""
    if len(line) > 160 or _asks(line):
        return True
    text = line.strip()
    if _closes(text):
        return False
    if _SPEECH.search(text):
        return True
    if _is_contact(text) or _CONTACT.search(text):
        return False
    words = _WORD.findall(text)
    if text[-1:] in ".!…" and sum(len(word) > 1 for word in words) >= 3:  # "Петров И. И." is a name
        return True
    if text[-1:] == ":" and len(words) >= 2:
        return True
    return len(words) > 9


def _cut_at_closing(lines: list[str], end: int, floor: int, sender: str) -> int:
    """ "С уважением," and what is below; the lowest closing that only a signature follows."""
    cut = end
    words_below = 0
    for index in range(end - 1, max(floor, end - 40) - 1, -1):
        line = lines[index]
        if not line.strip():
            continue
        if len(line) <= 160 and _closes(line):
            if index == end - 1 and closings.SHORT.match(line):
                break
            cut = index
            continue
        if _speaks(line) or _ITEM.match(line):
            break
        words_below += 1
        if words_below > MAX_LINES:
            break
    return _last_word(lines, cut) if cut < end else end


def _cut_at_name(lines: list[str], end: int, floor: int, sender: str) -> int:
    """The sender's own name as a paragraph at the end, with contacts below it or alone."""
    if end and (found := _DASHED_NAME.match(lines[end - 1][:80])):
        above = next((line for line in reversed(lines[floor : end - 1]) if line.strip()), "")
        is_named = _is_senders(found[1], sender)
        is_capital = found[1][:1].isupper() and lines[end - 1].lstrip()[1:2] != " "
        is_apart = end > 1 and not lines[end - 2].strip()
        if (is_named or (is_capital and is_apart)) and not _ITEM.match(above) and _ends(above):
            return _last_word(lines, end - 1)
    if not sender:
        return end
    for index in range(end - 1, max(floor, end - 8) - 1, -1):
        line = lines[index]
        if not line.strip():
            continue
        if _is_senders(line, sender):
            above = next((one for one in reversed(lines[floor:index]) if one.strip()), "")
            is_apart = index > 0 and not lines[index - 1].strip()
            below = [one for one in lines[index + 1 : end] if one.strip()]
            has_contact = any(_is_contact(one) for one in below)
            # "118" and a name may be the answer to two questions.
            is_said = len(_WORD.findall(" ".join(lines[max(floor, index - 20) : index]))) >= 3
            is_apart = is_apart or (has_contact and above.rstrip()[-1:] in ".!?…)")
            if _ends(above) and is_apart and (has_contact or is_said):
                if _is_led_in(lines, index, floor):
                    return end
                return _last_word(lines, index)
            return end
        if _speaks(line) or _ITEM.match(line):
            return end
    return end


def _is_led_in(lines: list[str], index: int, floor: int) -> bool:
    """ "Deliver to:", an address, a name: the paragraph above waits for all of it."""
    at = _last_word(lines, index) - 1
    while at > floor and lines[at - 1].strip():
        at -= 1
    return at >= floor and not _ends(lines[at])


def _ends(above: str) -> bool:
    """A line that waits for something below ("Запишите на:") keeps it."""
    return above.rstrip()[-1:] not in (":", "：", ",", "-", "–", "—")


def _is_senders(line: str, sender: str) -> bool:
    text = _TITLE.split(line.strip()[:120], maxsplit=1)[0].strip("*_,.!-–— ")
    if not text or len(text) > 60:
        return False
    names = {spelt_alike(one) for one in _WORD.findall(sender) if len(one) > 1}
    words = [spelt_alike(one) for one in _WORD.findall(text)]
    if not words or len(words) > 4 or any(c.isdigit() for c in text):
        return False
    return all(word in names or len(word) == 1 for word in words) and any(
        word in names for word in words
    )


def _is_contact_asked_for(kept: list[str], cut: list[str]) -> bool:
    """ "Перезвоните мне": a number that stands in the signature alone is part of the answer."""
    last = [line[:500] for line in kept if line.strip()][-6:]
    if any(_is_contact(line[:200]) for line in last):
        return False
    has_contact = any(
        _PHONE.search(line[:200]) or ADDRESS.search(line[:200]) for line in cut if line.strip()
    )
    return has_contact and any(_ASKS_TO_CONTACT.search(line) for line in last)
