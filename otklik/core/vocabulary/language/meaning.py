"""What one term asks: its operator and values by the type of its condition."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NoReturn

from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.core.vocabulary.conditions import Condition, find_condition
from otklik.core.vocabulary.language.keywords import (
    is_keyword,
    keyword,
    read_duration,
    spell_duration,
)
from otklik.core.vocabulary.language.names import Names, name_in
from otklik.core.vocabulary.language.problems import QueryProblem, closest
from otklik.core.vocabulary.language.scanning import Scanner, Term, Value
from otklik.core.vocabulary.matching import Clause
from otklik.core.vocabulary.operators import ValueType
from otklik.core.vocabulary.values import ME

_SETS = (ValueType.CODES, ValueType.REFERENCES)
_NUMBERS = {"<": "less", "<=": "at_most", ">": "more", ">=": "at_least"}
_MOMENTS = {"<": "before", "<=": "until", ">": "after", ">=": "since"}
_MAX_ID = 2**63 - 1


def clauses_of(names: Names, condition: Condition, term: Term) -> list[Clause]:
    """Mostly one; a whole day is two. Raises QueryProblem."""
    try:
        return _Reading(names, condition, term).clauses()
    except QueryProblem:
        raise
    except Invalid as refused:
        raise QueryProblem(str(refused), term.start, term.end) from None


def values_of(names: Names, condition: Condition, texts: Iterable[str]) -> frozenset[Any]:
    """What several texts name, each as it would stand in a query. Raises QueryProblem."""
    found: frozenset[Any] = frozenset()
    for text in texts:
        value = Scanner(text, lambda name: False).value()
        reading = _Reading(names, condition, Term("", ":", (value,), False, 0, len(text)))
        found |= reading.known(value)
    return found


class _Reading:
    def __init__(self, names: Names, condition: Condition, term: Term) -> None:
        self.names, self.condition, self.term = names, condition, term
        self.kind = condition.value_type
        self.is_plain = term.operator in (":", "=")

    def clauses(self) -> list[Clause]:
        if len(self.term.values) == 1 and self.is_plain and (found := self._presence()):
            return found
        if self.kind is ValueType.MOMENT:
            return self._moment(self._only())
        if self.kind is ValueType.NUMBER and not self.is_plain:
            self._refuse_negation()
            return [self._clause(_NUMBERS[self.term.operator], self._one(self._only()))]
        if not self.is_plain:
            self._refuse(_("This cannot be compared; write a colon."), suggestion=self._repaired())
        if self.kind is ValueType.TEXT:
            return [self._text(self.condition, self._only())]
        if self.kind is ValueType.BOOLEAN:
            return [self._yes_or_no(self._only())]
        return [self._several()]

    def _presence(self) -> list[Clause]:
        """`assignee:none`, `category:any`."""
        value = self.term.values[0]
        codes = {operator.code for operator in self.condition.operators}
        if value.is_quoted or value.has_star or "is_empty" not in codes:
            return []
        is_none, is_any = is_keyword("none", value.text), is_keyword("any", value.text)
        if not (is_none or is_any):
            return []
        return [self._clause("is_empty" if is_none != self.term.is_negated else "is_filled")]

    def _several(self) -> Clause:
        values: set[Any] = set()
        for value in self.term.values:
            found = self._values(value)
            if found is None:
                if len(self.term.values) == 1 and (otherwise := self._otherwise(value)):
                    return otherwise
                self._unknown(value)
            else:
                values |= found
        if self.kind in _SETS:
            if self.term.operator == "=" and len(values) > 1:
                self._refuse_negation()
                return self._clause("has_all", list(values))
            return self._clause("has_none" if self.term.is_negated else "has_any", list(values))
        if self.kind is ValueType.NUMBER and len(values) == 1:
            return self._clause("is_not" if self.term.is_negated else "is", values.pop())
        return self._clause("not_in" if self.term.is_negated else "in", list(values))

    def _values(self, value: Value) -> frozenset[Any] | None:
        """What a value names; None when nothing is called so."""
        if not value.is_quoted and not value.has_star:
            if self.condition.me is not None and is_keyword("me", value.text):
                return frozenset({ME})
            if self.kind is ValueType.REFERENCE and is_keyword("none", value.text):
                return frozenset({None})
            number = value.text[1:] if value.text.startswith("#") else ""
            if number and self.kind in (ValueType.CHOICE, ValueType.CODES):
                return frozenset({number})
            if number.isdecimal() and number.isascii() and int(number[:19]) <= _MAX_ID:
                return frozenset({int(number[:19])})
            if self.kind is ValueType.NUMBER and value.text.lstrip("-").isdecimal():
                return frozenset({int(value.text)})
        if value.has_star or not value.text.strip():
            return None
        found, several = self.names.values_called(self.condition, value.text)
        if several:
            listed = ", ".join(several[:5])
            words = _("“%(said)s” may be any of: %(names)s.") % {
                "said": value.text,
                "names": listed,
            }
            raise QueryProblem(words, value.start, value.end, several[0])
        return found or None

    def known(self, value: Value) -> frozenset[Any]:
        """Raises QueryProblem for what nothing is called."""
        found = self._values(value)
        if found is None:
            self._unknown(value)
        return found

    def _one(self, value: Value) -> Any:
        found = self.known(value)
        if len(found) != 1:
            self._unknown(value)
        return next(iter(found))

    def _otherwise(self, value: Value) -> Clause | None:
        """Part of a name or address, where the whole names nobody."""
        if self.condition.otherwise is None or self.term.operator != ":":
            return None
        condition = find_condition(self.condition.otherwise(value.text))
        return self._text(condition, value) if condition is not None else None

    def _text(self, condition: Condition, value: Value) -> Clause:
        if value.has_star:
            self._refuse_negation()
            operator = "starts_with"
        else:
            operator = "is" if self.term.operator == "=" else "contains"
            operator += "_not" if self.term.is_negated else ""
        return Clause(condition, operator, condition.clean(operator, value.text))

    def _yes_or_no(self, value: Value) -> Clause:
        for name, answer in (("yes", True), ("no", False)):
            if is_keyword(name, value.text):
                return self._clause("is", answer != self.term.is_negated)
        language = _language()
        words = _("Say “%(yes)s” or “%(no)s”.") % {
            "yes": keyword("yes", language),
            "no": keyword("no", language),
        }
        raise QueryProblem(words, value.start, value.end, keyword("yes", language))

    def _moment(self, value: Value) -> list[Clause]:
        self._refuse_negation()
        duration = None if value.is_quoted else read_duration(value.text)
        if duration is not None:
            sign, minutes = duration
            is_ahead = sign == "+" or (self.condition.is_ahead and sign != "-")
            is_less = not self.term.operator.startswith(">")
            words = ("sooner_than", "later_than") if is_ahead else ("newer_than", "older_than")
            return [self._clause(words[not is_less], minutes)]
        day = _day(value.text)
        if day is not None:
            return self._day(day)
        moment = _moment(value.text)
        if moment is None or self.is_plain:
            words_of = _("Say a time as 2h or 3d, or a date as 2026-03-01.")
            name, days = name_in(self.condition, _language()), spell_duration(2880, _language())
            self._refuse(words_of, suggestion=f"{name}<{days}")
        return [self._clause(_MOMENTS[self.term.operator], moment)]

    def _day(self, day: datetime) -> list[Clause]:
        after = timezone.make_aware((day + timedelta(days=1)).replace(tzinfo=None))
        if self.is_plain:
            return [self._clause("since", day), self._clause("before", after)]
        if self.term.operator in ("<", ">="):
            return [self._clause(_MOMENTS[self.term.operator], day)]
        return [self._clause("before" if self.term.operator == "<=" else "since", after)]

    def _clause(self, operator: str, value: Any = None) -> Clause:
        return Clause(self.condition, operator, self.condition.clean(operator, value))

    def _only(self) -> Value:
        if len(self.term.values) > 1:
            self._refuse(_("Say one value here; join several with “or”."))
        return self.term.values[0]

    def _repaired(self) -> str:
        values = ",".join(value.text for value in self.term.values)
        return f"{self.term.name}:{values}"

    def _refuse_negation(self) -> None:
        if self.term.is_negated:
            self._refuse(_("This cannot be turned round by a minus; ask for the opposite."))

    def _refuse(self, words: str, suggestion: str = "") -> NoReturn:
        raise QueryProblem(words, self.term.start, self.term.end, suggestion)

    def _unknown(self, value: Value) -> NoReturn:
        known = self.names.names_of_values(self.condition)
        if self.condition.naming is not None:
            known = self.condition.naming.suggest(value.text[:2], 50)
        words = _("There is no “%(value)s” in “%(condition)s”.") % {
            "value": value.text,
            "condition": str(self.condition.label).lower(),
        }
        is_word = self.kind not in (ValueType.REFERENCE, ValueType.REFERENCES)
        by_fold = {each.lower(): each.lower() if is_word else each for each in known}
        suggestion = by_fold.get(closest(value.text.lower(), by_fold), "")
        raise QueryProblem(words, value.start, value.end, suggestion)


def _language() -> str:
    return (get_language() or "").partition("-")[0]


def _day(text: str) -> datetime | None:
    try:
        found = parse_date(text)
        if found is None or found.year < 1900 or found.year > 9000:
            return None
        return timezone.make_aware(datetime(found.year, found.month, found.day))  # noqa: DTZ001
    except (ValueError, OverflowError):
        return None


def _moment(text: str) -> datetime | None:
    try:
        found = parse_datetime(text)
        if found is None or found.year < 1900 or found.year > 9000:
            return None
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except (ValueError, OverflowError):
        return None
