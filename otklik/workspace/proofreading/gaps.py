"""Placeholders that were not filled in."""

from __future__ import annotations

import re

from otklik.workspace.proofreading.findings import Draft, Finding

_WORDS = (
    r"имя(?: клиента| заказчика| получателя)?|фамилия|фио|отчество|дата|время|номер(?: заказа"
    r"| заявки"
    r"| договора| счета)?|сумма|адрес|телефон|компания|название(?: компании| товара)?|ссылка|товар"
    r"|модель|вставить[^\[\]<>]{0,40}|вставьте[^\[\]<>]{0,40}|подставить[^\[\]<>]{0,40}"
    r"|(?:first |last |customer |client |customer's |your |agent )?name|date|time|(?:order |ticket "
    r"|invoice )?number|amount|address|phone|company(?: name)?|link|product|customer|client"
    r"|insert[^\[\]<>]{0,40}"
)
_DOTS = r"\.{2,}|…|\?{2,}|_{2,}"
_PATTERNS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"\{\{[^{}\n]{0,80}\}\}",
        r"\{\{[^\s{}]{0,40}",
        rf"\[\s*(?:{_WORDS}|{_DOTS}|x{{2,}}|х{{2,}})\s*\]",
        rf"<\s*(?:{_WORDS})\s*>",
        rf"\{{\s*(?:{_WORDS})\s*\}}",
        r"%(?:имя|name|first_?name|last_?name|customer|client|company|date|number)%",
        r"\b(?-i:TODO|FIXME|ДОПИСАТЬ|ВСТАВИТЬ)\b",
    )
)
# Capitals alone: three small ones are a kiss.
_CROSSES = re.compile(r"(?<![A-Za-zА-Яа-я0-9])(?:X{3,}|Х{3,})(?![A-Za-zА-Яа-я])")
_BLANK = re.compile(r"(?<!_)_{4,}(?!_)")
_SHOWS_A_FORM = re.compile(
    r"формат|в виде|вида|наприм|образец|шаблон|маск|format|such as|like|e\.g|example|looks", re.I
)
_ASKS_TO_FILL = re.compile(r"заполн|впиш|укаж|подпиш|fill|complete|sign|enter", re.I)


def find_gaps(draft: Draft) -> list[Finding]:
    found: dict[tuple[int, int], str] = {}
    for gap in draft.gaps:
        at = draft.text.find(gap)
        found[at, at + len(gap)] = gap
    for pattern in _PATTERNS:
        for match in pattern.finditer(draft.text):
            if not any(start <= match.start() < end for start, end in found):
                found[match.span()] = match.group()
    for pattern, harmless in ((_CROSSES, _SHOWS_A_FORM), (_BLANK, _ASKS_TO_FILL)):
        for match in pattern.finditer(draft.text):
            line = draft.text[draft.text.rfind("\n", 0, match.start()) + 1 :].split("\n", 1)[0]
            is_rule = not line.strip(" _")
            if (
                not is_rule
                and not harmless.search(line)
                and not harmless.search(_above(draft, match))
            ):
                found[match.span()] = match.group()
    return [Finding("gap", quote, *span) for span, quote in sorted(found.items())]


def _above(draft: Draft, match: re.Match[str]) -> str:
    return draft.text[max(0, match.start() - 200) : match.start()]
