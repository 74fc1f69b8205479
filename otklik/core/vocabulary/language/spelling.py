"""From conditions back to text, in one language; `reading` reads the same from it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import get_language

from otklik.core.vocabulary.conditions import Condition
from otklik.core.vocabulary.language.keywords import any_keyword, keyword, spell_duration
from otklik.core.vocabulary.language.names import Names, name_in
from otklik.core.vocabulary.language.reading import Query
from otklik.core.vocabulary.matching import Clause, canonical
from otklik.core.vocabulary.operators import ValueType
from otklik.core.vocabulary.values import ME
from otklik.kit.text import sort_key

_BARE = re.compile(r"[^\W_][\w./@:+-]*\Z")
_SIGNS = {
    "less": "<", "at_most": "<=", "more": ">", "at_least": ">=",
    "before": "<", "until": "<=", "after": ">", "since": ">=",
    "newer_than": "<", "older_than": ">", "sooner_than": "<", "later_than": ">",
}  # fmt: skip
_NEGATED = frozenset({"not_in", "is_not", "contains_not", "has_none"})
_CODES = (ValueType.CHOICE, ValueType.CODES)
_MANY = (*_CODES, ValueType.REFERENCE, ValueType.REFERENCES, ValueType.NUMBER)


def spell_query(thing: str, query: Query, language: str = "") -> str:
    """The text of a query in a language, the reader's own when none is said. What is gone is
    spelt by its number: `team:#17`."""
    language = language or (get_language() or "en").partition("-")[0]
    names = Names(thing)
    match = canonical(query.match)
    parts = [_spell(names, clause, language) for clause in match.all]
    if match.any:
        between = f" {keyword('or', language)} "
        parts.append(f"({between.join(_spell(names, clause, language) for clause in match.any)})")
    return " ".join([*parts, query.words] if query.words else parts)


def spell_values(thing: str, clause: Clause, language: str = "") -> list[str]:
    """Each value of a clause as it would stand in a query."""
    language = language or (get_language() or "en").partition("-")[0]
    value = clause.value if isinstance(clause.value, frozenset) else frozenset({clause.value})
    return _values(Names(thing), clause.condition, value, language)


def list_gone(thing: str, query: Query) -> list[tuple[Condition, Any]]:
    """What a query names and nobody offers any more: deleted teams, tags, people who left."""
    names = Names(thing)
    gone = []
    for clause in query.match.clauses:
        value = clause.value
        if isinstance(value, frozenset) and clause.condition.value_type is not ValueType.NUMBER:
            known = _spelled(names, clause.condition, "en")(value)[1]
            gone += [(clause.condition, one) for one in value - known - {ME, None}]
    return gone


def _spell(names: Names, clause: Clause, language: str) -> str:
    condition, operator = clause.condition, clause.operator
    name = name_in(condition, language)
    if operator in ("is_empty", "is_filled"):
        return f"{name}:{keyword('none' if operator == 'is_empty' else 'any', language)}"
    minus = "-" if operator in _NEGATED else ""
    kind = condition.value_type
    if kind is ValueType.BOOLEAN:
        return f"{name}:{keyword('yes' if clause.value else 'no', language)}"
    if kind is ValueType.MOMENT:
        return name + _SIGNS[operator] + _moment(clause, language)
    if kind is ValueType.TEXT:
        sign = "=" if operator in ("is", "is_not") else ":"
        star = "*" if operator == "starts_with" else ""
        return f"{minus}{name}{sign}{quoted(clause.value)}{star}"
    values = clause.value if isinstance(clause.value, frozenset) else frozenset({clause.value})
    sign = "=" if operator == "has_all" else _SIGNS.get(operator, ":")
    return f"{minus}{name}{sign}{','.join(_values(names, condition, values, language))}"


def _values(names: Names, condition: Condition, values: frozenset[Any], language: str) -> list[str]:
    spelled, known = _spelled(names, condition, language)(values)
    found = [keyword("me", language)] if ME in values else []
    found += [keyword("none", language)] if None in values else []
    found += spelled
    rest = sorted(values - known - {ME, None}, key=str)
    is_number = condition.value_type is ValueType.NUMBER
    return found + [str(one) if is_number else f"#{one}" for one in rest]


def _spelled(
    names: Names, condition: Condition, language: str
) -> Callable[[frozenset[Any]], tuple[list[str], frozenset[Any]]]:
    """Names of values, and which values they are the names of."""

    def spell(values: frozenset[Any]) -> tuple[list[str], frozenset[Any]]:
        if condition.naming is not None:
            pairs = condition.naming.spell(values - {ME, None})
            known = frozenset(one for _text, several in pairs for one in several)
            return [quoted(text) for text, _several in pairs], known
        chosen: list[tuple[Any, str]] = []
        if condition.value_type in _CODES and language == "en":
            offered = [value for value, _label in names.labels(condition, "en")]
            chosen = [(value, str(value)) for value in offered if value in values]
        elif condition.value_type in _MANY:
            labels = names.labels(condition, language)
            chosen = [(value, label) for value, label in labels if value in values]
            if condition.value_type in (ValueType.CHOICE, ValueType.NUMBER, ValueType.CODES):
                chosen = [(value, label.lower()) for value, label in chosen]
        # A name that means another thing as well says too little.
        sure = [
            (value, label)
            for value, label in chosen
            if names.values_called(condition, label)[0] == frozenset({value})
        ]
        return [quoted(label) for _v, label in sure], frozenset(value for value, _l in sure)

    return spell


def _moment(clause: Clause, language: str) -> str:
    if not isinstance(clause.value, datetime):
        is_ahead = clause.operator in ("sooner_than", "later_than")
        if is_ahead and clause.value == 0:
            return keyword("now", language)
        sign = ""
        if is_ahead != clause.condition.is_ahead:
            sign = "+" if is_ahead else "-"
        return sign + spell_duration(clause.value, language)
    local = timezone.localtime(clause.value)
    is_day = clause.operator in ("since", "before") and (
        (local.hour, local.minute, local.second, local.microsecond) == (0, 0, 0, 0)
    )
    # A day is a day of whoever reads; where its midnight comes twice only the moment is sure.
    midnight = timezone.make_aware(local.replace(tzinfo=None, fold=0)) if is_day else None
    return local.date().isoformat() if midnight == clause.value else clause.value.isoformat()


def quoted(text: str) -> str:
    if _BARE.match(text) and not any_keyword(text) and sort_key(text):
        return text
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
