"""What could stand where the caret is: names, operators, values."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.vocabulary.conditions import Condition
from otklik.core.vocabulary.language.keywords import keyword, spell_duration
from otklik.core.vocabulary.language.names import Names, name_in, names_of
from otklik.core.vocabulary.language.scanning import MAX_QUERY
from otklik.core.vocabulary.language.spelling import quoted
from otklik.core.vocabulary.operators import ValueType
from otklik.kit.text import sort_key

_MOST = 12
_BEGUN = re.compile(r"(-?)([^\W\d][\w.]{0,60})(>=|<=|:|=|<|>)")
_COMPARED = (ValueType.NUMBER, ValueType.MOMENT)
_DURATIONS = (60, 4 * 60, 24 * 60, 3 * 24 * 60, 7 * 24 * 60, 30 * 24 * 60)


@dataclass(frozen=True, slots=True)
class Completion:
    """``text`` replaces what stands from ``start`` to ``end``; ``label`` says what it is."""

    text: str
    label: str
    start: int
    end: int


def complete(thing: str, text: str, at: int) -> list[Completion]:
    """At most a dozen, the likeliest first. ``at`` is the place of the caret in the text."""
    text = text[:MAX_QUERY]
    at = max(0, min(at, len(text)))
    start = _term_start(text, at)
    begun = text[start:at]
    names = Names(thing)
    language = (get_language() or "en").partition("-")[0]
    found = _BEGUN.match(begun)
    if found:
        condition = names.find(found[2])
        if condition is None:
            return []
        return _values(names, condition, begun, start, found.end(), language)
    minus = "-" if begun.startswith("-") else ""
    wanted = sort_key(begun.lstrip("-("))
    start += len(begun) - len(begun.lstrip("-("))
    options = []
    for condition in names.conditions:
        if any(sort_key(name).startswith(wanted) for name in names_of(condition)):
            sign = "<" if condition.value_type is ValueType.MOMENT else ":"
            written = name_in(condition, language) + sign
            options.append(Completion(written, str(condition.label), start, at))
    if minus or not wanted:
        return options[:_MOST]
    return options[:_MOST] if len(options) < len(names.conditions) else []


def offer_values(thing: str, condition: Condition, begun: str) -> list[tuple[str, str]]:
    """Values that begin so: each as it stands in a query, and in words."""
    names, wanted = Names(thing), sort_key(begun)
    language = (get_language() or "en").partition("-")[0]
    return [
        (text, label)
        for text, label in _offered(names, condition, wanted, language)
        if sort_key(text.strip('"')).startswith(wanted) or sort_key(label).startswith(wanted)
    ][:_MOST]


def _values(
    names: Names, condition: Condition, begun: str, start: int, after: int, language: str
) -> list[Completion]:
    typed = begun[after:]
    comma = 0 if condition.value_type in _COMPARED[1:] else _last_comma(typed)
    part = typed[comma:]
    start_of_part, end = start + after + comma, start + len(begun)
    wanted = sort_key(part.strip('"«“„'))
    options = [
        Completion(text, label, start_of_part, end)
        for text, label in _offered(names, condition, wanted, language)
        if sort_key(text.strip('"')).startswith(wanted) or sort_key(label).startswith(wanted)
    ]
    return options[:_MOST]


def _offered(
    names: Names, condition: Condition, wanted: str, language: str
) -> list[tuple[str, str]]:
    kind = condition.value_type
    if kind is ValueType.MOMENT:
        return [(spell_duration(minutes, language), "") for minutes in _DURATIONS]
    if kind is ValueType.BOOLEAN:
        return [(keyword("yes", language), _("yes")), (keyword("no", language), _("no"))]
    offered: list[tuple[str, str]] = []
    if condition.me is not None:
        offered.append((keyword("me", language), _("whoever looks")))
    if condition.naming is not None:
        offered += [(quoted(name), "") for name in condition.naming.suggest(wanted, _MOST)]
    elif kind in (ValueType.CHOICE, ValueType.CODES) and language == "en":
        offered += [(str(value), label) for value, label in names.labels(condition, "en")]
    else:
        is_word = kind in (ValueType.CHOICE, ValueType.CODES, ValueType.NUMBER)
        for _value, label in names.labels(condition, language):
            offered.append((quoted(label.lower() if is_word else label), ""))
    if kind in (ValueType.REFERENCE, ValueType.REFERENCES):
        offered.append((keyword("none", language), _("nothing at all")))
        offered.append((keyword("any", language), _("anything")))
    return offered


def _term_start(text: str, at: int) -> int:
    """Where the term begins that the caret is in; quotes hold spaces."""
    start, quote = 0, ""
    for place in range(at):
        char = text[place]
        if quote:
            quote = "" if char == quote else quote
        elif char in '"«“':
            quote = {"«": "»", "“": "”"}.get(char, char)
        elif char.isspace():
            start = place + 1
    return start


def _last_comma(typed: str) -> int:
    """Behind the last comma outside quotes."""
    found, quote = 0, ""
    for place, char in enumerate(typed):
        if quote:
            quote = "" if char == quote else quote
        elif char in '"«“':
            quote = {"«": "»", "“": "”"}.get(char, char)
        elif char == ",":
            found = place + 1
    return found
