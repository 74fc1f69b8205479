"""The sentence by which a program introduces what it quotes: "On Fri, … Olga wrote:".

Most are recognised without knowing the language: a date and an address that end in a colon are
written by no hand. The verbs help where one of the two is missing.
"""

from __future__ import annotations

import re

MAX_LINE = 400  # characters of a line that are looked at; real introductions are shorter
MAX_WORDS = 36
MAX_WRAPPED = 5  # lines

_WROTE = (
    r"wrote|writes|said|"
    r"написал(?:\(а\)|\(-а\)|а|и|о)?|пишет|пишете|писал(?:\(а\)|а|и)?|сообщил(?:\(а\)|а|и)?|"
    r"написав(?:\(ла\)|ла)?|пише|писав(?:\(ла\)|ла)?|напісаў|напісала|піша|"
    r"schrieb(?:en)?|geschrieben|a [ée]crit|[ée]crivait|escribi[óo]|escreveu|"
    r"ha scritto|scrisse|scriveva|napisał(?:\(a\)|a|/a)?|napisan[ay] przez|pisze|schreef|"
    r"heeft geschreven|"
    r"skrev|skriver|kirjoitti|napsal(?:\(a\)|a)?|nap[íi]sal(?:\(a\)|a)?|"
    r"(?:ezt )?[ií]rta|yazdı|yazmış|έγραψε|a scris|написа|написао(?:/ла)?|"
    r"(?:je )?napisao(?:/la)?|(?:je )?napisala|je pisao|kirjutas|rakstīja|rašė|parašė|"
    r"жазды|жазған|yozdi|đã viết|"
    r"כתב(?:/ה)?|كتب|napísal\(a\)|je napisal(?:/-a)?|escriure|va escriure"
)
WROTE = re.compile(
    rf"(?<!\w)(?:{_WROTE})(?!\w)|写道|寫道|さんは書きました|のメール|님이 작성", re.IGNORECASE
)
# "I wrote", "мы писали": the customer's own words, no program's.
_FIRST_PERSON = re.compile(
    r"(?<!\w)(?:i|we|я|мы|ми|ich|wir|je|nous|yo|io|eu|jag|jeg|minä|ja)\s+(?:\w+\s+)?"
    rf"(?:{_WROTE})(?!\w)",
    re.IGNORECASE,
)
_OF_ONESELF = re.compile(
    r"(?<!\w)(?:[Яя]|[Мм]ы|[Мм]не|[Нн]ам|[Мм]еня|[Мм]о[йюяи]|[Мм]оего|[Нн]аш(?:его|а|у)?|[Мм]ені|"
    r"I|me|my|we|our|"
    r"ich|wir|mir|mein(?:e|er)?|mon|ma|mes|mi|nosotros)(?![\w@.-])"
)
# "as your colleague Marina <…> wrote:" is said to us; a brand's name has a capital letter.
_OF_US = re.compile(r"(?<!\w)(?:ваш(?:а|его|ей|ему|и|им|ими|их|у)?|your|votre|vos)(?!\w)")
_MONTH = (
    r"янв|фев|мар|апр|ма[йя]|июн|июл|авг|сен|окт|ноя|дек|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|"
    r"лис|гру|қаң|ақп|нау|сәу|мам|мау|шіл|там|қыр|қаз|қар|жел|jan|feb|mar|m[äa]r|apr|avr|abr|ma[iy]|jun|juin|jul|juil|ago|aug|ao[ûu]|sep|set|oct|"
    r"okt|out|ott|nov|d[eéi][czs]|gen|mag|giu|lug"
)
_WORD = r"[^\W\d_]{2,14}"
_DATE = re.compile(
    r"(?<!\d)\d{1,2}-[^\W\d_]{3,9}\.?-\d{2,4}(?!\d)|(?<!\w)[^\W\d_]{3,9}-\d{1,2}-\d{2,4}(?!\d)|"
    r"(?<!\d)\d{1,2}[./-] ?\d{1,2}[./-] ?\d{2,4}(?!\d)|(?<!\d)\d{4}[./-] ?\d{1,2}[./-] ?\d{1,2}|"
    rf"(?<!\d)\d{{1,2}}(?:st|nd|rd|th|º|er|\.)?,? (?:de |of |d[’'])?{_WORD}[.,]* (?:de |"
    rf"del )?\d{{4}}|"
    rf"(?<!\w){_WORD}\.? \d{{1,2}}(?:st|nd|rd|th)?\.?,? (?:de )?\d{{4}}|"
    rf"(?<!\d)\d{{4}}\. ?(?:[гg]\. |gada )?(?:\d{{1,2}}\. )?{_WORD}|"
    rf"(?<!\d)\d{{4}} m\. {_WORD} \d{{1,2}}|"
    r"(?<!\d)\d{4} ж\.,? \d{1,2}\.? \w|\d{4} ?[年년] ?\d{1,2} ?[月월]"
)
_DAY_AND_MONTH = re.compile(
    rf"(?<!\d)\d{{1,2}}\.? (?:{_MONTH})|(?<!\w)(?:{_MONTH})\w{{0,8}}\.? \d{{1,2}}(?!\d)",
    re.IGNORECASE,
)
_TIME = re.compile(r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)|\d{1,2} ?[時时시點]")
ADDRESS = re.compile(
    r"[^\s<>\"'()\[\]:;,]{1,64}@[^\s<>\"'()\[\]:;,@]{1,190}\.[^\s<>\"'()\[\]:;,.@]{2,30}"
)
_BRACKETED = re.compile(
    r"[<(\[\u202a]\s?(?:mailto:)?[^\s<>()\[\]]{1,64}@[^\s<>()\[\]]{3,190}?\s?[>)\]\u202c]"
)

# "… <olga@example.com>:", and at most three words (of an unlisted language) after it.
_ADDRESSED = re.compile(
    r"@[^\s<>()\[\]]{3,190}\s?[>)\]\u202c]{1,2}[\s\u200f]?(?:[^\s:：<>@]{1,20}[ ]?){0,3}[:：]$"
)

# What such a sentence begins with; the words of a customer right above it do not.
_OPENER = re.compile(
    r"(?:on|in|at|am|le|el|il(?: giorno)?|em|no dia|op|den|dne|dnia|w dniu|în|la|på|"
    r"wiadomość napisana przez|στις|τη[νς]?|на|во?|у|"
    r"vào|kasutaja|în data de|dana|tarihinde|quoting|citat från|le \w+|"
    r"mon|tue|wed|thu|fri|sat|sun|пн|вт|ср|чт|пт|сб|вс|нд|пон|уто|сре|чет|пет|суб|нед|"
    r"понедельник|вторник|среда|четверг|пятница|суббота|воскресенье|понеділок|вівторок|середа|"
    r"четвер|пʼятниця|п'ятниця|субота|неділя|"
    r"monday|tuesday|wednesday|thursday|friday|saturday|sunday|"
    r"pon|wt|śr|czw|pt|sob|niedz|po|út|st|čt|pá|so|ne|pi|št|ut|"
    r"man|tirs?|ons|tors?|fre|lør|søn|mån|tis|lör|sön|ma|ti|ke|to|pe|la|su|zo|di|wo|do|vr|za|"
    r"pirmd|otrd|trešd|ceturtd|piektd|sestd|svētd)(?=[\s.,])",
    re.IGNORECASE,
)
_STARTS_DATED = re.compile(
    r"[\s*_\"'«(\[\u202b\u202a]*(?:\d{1,4}[./:-] ?\d{1,2}|\d{1,2}\.? [^\W\d_]{3,}|"
    r"\d{4} ?[年년.]|"
    rf"(?:{_MONTH})\w{{0,8}}\.? \d)",
    re.IGNORECASE,
)
_STARTS_NAMED = re.compile(
    r"[\"'«*]?[^\W\d_][^<>@:]{0,70}?[\"'»*]?,?\s*[<(\[](?:mailto:)?\S{1,64}@"
)
_STARTS_SAYING = re.compile(
    rf"(?:[A-ZА-ЯЁІЇЄҐÀ-ÞŁŚŻŽČŠ][\w .«»'’-]{{1,60}}?|"
    rf"[^\s<>]{{1,64}}@[^\s<>]{{1,190}})\s(?:{_WROTE})(?!\w)"
)
# "… Marina", "… пользователь Марина": who wrote, right beside the verb.
_NAME_BEFORE = re.compile(r"[A-ZА-ЯЁІЇЄҐÀ-ÞŁŚŻŽČŠ][\w.'’-]*[\"»)]*,?\s*$")
_NAME_AFTER = re.compile(r"\s*[\"«]?[A-ZА-ЯЁІЇЄҐÀ-ÞŁŚŻŽČŠ]")
_THE_BAT = re.compile(r"(?:вы писали|ты писал|ви писали|you wrote)[^:]{0,80}:$|you wrote:$", re.I)
COLONS = (":", "：")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d{2}(?!\d)")
# "20 ноября 2026, 12:30 от Марина support@demo.example:" of robots that know no brackets.
_UNBRACKETED = re.compile(
    r".{0,60}\s(?:от|from|von|від)\s[^@:]{0,80}\S{1,64}@[^\s@:]{3,190}\s?[:：]$", re.IGNORECASE
)
# Directions of writing that programs close behind the colon.
_UNSEEN = "\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"


def ends_in_colon(line: str) -> bool:
    return line.rstrip().rstrip(_UNSEEN).endswith(COLONS)


class Introduction:
    """An attribution: lines ``start`` to ``after`` (excluded), and how much it proves.

    ``is_sure``: what follows is old even without quote marks. ``is_weak``: no date, no address,
    so it may be the customer quoting by hand.
    """

    __slots__ = ("after", "is_sure", "is_weak", "start")

    def __init__(self, start: int, after: int, *, is_sure: bool, is_weak: bool) -> None:
        self.start, self.after = start, after
        self.is_sure, self.is_weak = is_sure, is_weak


def find_introduction(lines: list[str], last: int, *, first: int = 0) -> Introduction | None:
    """The attribution that ends in line ``last``; it may be wrapped over the lines above."""
    joined = ""
    fallback: Introduction | None = None
    undated: Introduction | None = None
    for start in range(last, max(first - 1, last - MAX_WRAPPED), -1):
        line = lines[start].strip().rstrip(_UNSEEN)
        if not line or len(line) > MAX_LINE:
            break
        joined = f"{line} {joined}" if joined else line
        proof = _prove(joined)
        if proof is None:
            continue
        is_sure, is_weak = proof
        found = Introduction(start, last + 1, is_sure=is_sure, is_weak=is_weak)
        if _begins(line) and not is_weak:
            if is_dated(joined):
                return found
            # "On Fri, … 12:30 PM, Marina of" may stand in the line above "Support <…> wrote:".
            undated = undated or found
        if fallback is None or (fallback.is_weak and not is_weak):
            is_paragraph = start == first or not lines[start - 1].strip()
            is_start = is_paragraph and line[:1] not in "<(" and len(line) <= 90
            if (is_start and len(joined) <= 200) or (is_weak and start == last):
                fallback = found
    return undated or fallback


def introduction_within(line: str) -> int:
    """Where the quoted text begins that follows an attribution in its own line, 0 for nowhere.

    "On Wed, Jan 4, 2023 12:34 AM, joe@example.com wrote:> text": text made from markup.
    """
    text = line[:MAX_LINE]
    if not _begins(text.strip()) or ADDRESS.search(text) is None:
        return 0
    verb = WROTE.search(text)
    if verb is None:
        return 0
    end = text.find(":", verb.end(), verb.end() + 3) + 1
    if not end or not text[end:].strip():
        return 0
    proof = _prove(text[:end].strip())
    return end if proof is not None and proof[0] else 0


def is_introduction_like(line: str) -> bool:
    """A sentence of an unknown language: a date with a time, or an address, and a colon."""
    text = line.strip()
    if len(text) > MAX_LINE or not _begins(text):
        return False
    if _OF_ONESELF.search(text):
        return False
    return bool(ADDRESS.search(text)) or (is_dated(text) and bool(_TIME.search(text)))


def introduces_alone(text: str) -> bool:
    """Whether a sentence without its colon is an attribution that needs no quote marks."""
    proof = _prove(f"{text.strip()}:")
    return proof is not None and proof[0]


def is_dated(text: str) -> bool:
    return bool(_DATE.search(text)) or bool(_TIME.search(text) and _DAY_AND_MONTH.search(text))


def _begins(line: str) -> bool:
    return bool(
        _STARTS_DATED.match(line)
        or _OPENER.match(line)
        or _STARTS_NAMED.match(line)
        or _STARTS_SAYING.match(line)
    )


def _prove(joined: str) -> tuple[bool, bool] | None:
    """(is_sure, is_weak) of a sentence, None when it introduces nothing."""
    if len(joined) > MAX_LINE or not joined.endswith(COLONS) or joined.count(" ") > MAX_WORDS:
        return None
    address = ADDRESS.search(joined) is not None
    # Of a calendar nobody listed: its year, a clock and an address in brackets are enough.
    dated = is_dated(joined) or bool(
        address
        and _YEAR.search(joined)
        and _TIME.search(joined)
        and _ADDRESSED.search(joined.replace("\u202c", "").replace("\u200f", ""))
    )
    verb = WROTE.search(joined)
    if verb is not None and _FIRST_PERSON.search(joined):
        return None
    if verb is None and _OF_ONESELF.search(joined):
        return None
    if dated and address:
        is_shaped = _ADDRESSED.search(joined) is not None or verb is not None
        if not is_shaped and _begins(joined) and _TIME.search(joined):
            is_shaped = _UNBRACKETED.match(joined) is not None
        return (is_shaped and _OF_US.search(joined) is None, False)
    if verb is None:
        # "12:30, 20 ноября 2026 г., Марина:" of phones whose address book knows the name.
        is_phone = dated and bool(_TIME.search(joined)) and len(joined) <= 100
        return (False, False) if is_phone and _STARTS_DATED.match(joined) else None
    if _THE_BAT.search(joined):
        return (dated, not dated)
    is_named = bool(_NAME_BEFORE.search(joined[: verb.start()].rstrip(" ,"))) or bool(
        _NAME_AFTER.match(joined[verb.end() :])
    )
    if dated:
        return (bool(_TIME.search(joined)) and is_named, False)
    if address and len(joined) - verb.end() <= 8:
        return (bool(_BRACKETED.search(joined)) or len(joined.split()) <= 3, False)
    is_bare = len(joined) - verb.end() <= 4 or joined[: verb.start()].strip() == ""
    return (False, True) if is_named and is_bare and len(joined) <= 80 else None
