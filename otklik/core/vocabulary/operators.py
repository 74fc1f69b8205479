"""What can be asked of a value: each operator in SQL and in memory, side by side.

Text is compared by code point, as on both databases; a condition over a folded column folds the
value it is asked about, which is how case stops to matter in every language.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db.models import Exists, F, OuterRef, Q, TextField, Value
from django.db.models.functions import StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class ValueType(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    CHOICE = "choice"  # one code out of many
    REFERENCE = "reference"  # one id out of many
    CODES = "codes"  # a set of codes
    REFERENCES = "references"  # a set of ids
    MOMENT = "moment"  # an aware datetime


@dataclass(frozen=True, slots=True)
class Place:
    """Where a condition's value is found in SQL: a lookup path from a model."""

    path: str
    model: str
    is_presence: bool = False  # a yes or no: whether anything is there

    def owners(self, **lookup: Any) -> Q:
        """Objects that have such a related value, each once however many it has.

        Asked of each object by its id: what bounds the objects bounds the work.
        """
        manager = apps.get_model(self.model)._base_manager
        asked = {f"{self.path}__{key}": value for key, value in lookup.items()}
        return Q(Exists(manager.filter(pk=OuterRef("pk"), **asked)))


Sql = Callable[[Place, Any, datetime], Q]
Memory = Callable[[Any, Any, datetime], bool]


@dataclass(frozen=True, slots=True)
class Operator:
    """``sql`` and ``memory`` get the cleaned value and the moment that counts as now."""

    code: str
    label: str | Promise
    sql: Sql
    memory: Memory
    takes_value: bool = True
    is_relative: bool = False  # the value is a number of minutes from now, back or ahead
    is_ahead: bool = False  # of these: minutes to come
    is_many: bool = False  # the value is several of those that can be chosen


def _null(place: Place) -> Q:
    return Q(**{f"{place.path}__isnull": True})


def _is(place: Place, value: Any) -> Q:
    return Q(**{place.path: value})


def _compare(place: Place, lookup: str, value: Any) -> Q:
    return Q(**{f"{place.path}__{lookup}": value})


def _position(place: Place, value: str) -> StrIndex:
    return StrIndex(F(place.path), Value(value, output_field=TextField()))


def _ago(now: datetime, minutes: int) -> datetime:
    return now - timedelta(minutes=minutes)


def _flag(place: Place, value: Any) -> Q:
    if not place.is_presence:
        return _is(place, value)
    return ~_null(place) if value else _null(place)


def _in(place: Place, value: frozenset[Any]) -> Q:
    """None among the values is nothing at all."""
    found = _compare(place, "in", value - {None})
    return found | _null(place) if None in value else found


def _not_in(place: Place, value: frozenset[Any]) -> Q:
    others = ~_compare(place, "in", value - {None})
    return others & ~_null(place) if None in value else others | _null(place)


def _in_ahead(now: datetime, minutes: int) -> datetime:
    return now + timedelta(minutes=minutes)


def _all_of(place: Place, values: Any) -> Q:
    found = Q()
    for value in values:
        found &= place.owners(exact=value)
    return found


IS = Operator(
    "is",
    _("is"),
    lambda place, value, now: _is(place, value),
    lambda found, value, now: found is not None and found == value,
)
IS_NOT = Operator(
    "is_not",
    _("is not"),
    lambda place, value, now: _null(place) | ~_is(place, value),
    lambda found, value, now: found is None or found != value,
)
CONTAINS = Operator(
    "contains",
    _("contains"),
    lambda place, value, now: Q(GreaterThan(_position(place, value), 0)),
    lambda found, value, now: found is not None and value in found,
)
CONTAINS_NOT = Operator(
    "contains_not",
    _("does not contain"),
    lambda place, value, now: _null(place) | Q(Exact(_position(place, value), 0)),
    lambda found, value, now: found is None or value not in found,
)
STARTS_WITH = Operator(
    "starts_with",
    _("starts with"),
    lambda place, value, now: Q(Exact(_position(place, value), 1)),
    lambda found, value, now: found is not None and found.startswith(value),
)
TEXT_EMPTY = Operator(
    "is_empty",
    _("is empty"),
    lambda place, value, now: _null(place) | _is(place, ""),
    lambda found, value, now: not found,
    takes_value=False,
)
TEXT_FILLED = Operator(
    "is_filled",
    _("is filled in"),
    lambda place, value, now: ~(_null(place) | _is(place, "")),
    lambda found, value, now: bool(found),
    takes_value=False,
)
LESS = Operator(
    "less",
    _("is less than"),
    lambda place, value, now: _compare(place, "lt", value),
    lambda found, value, now: found is not None and found < value,
)
MORE = Operator(
    "more",
    _("is more than"),
    lambda place, value, now: _compare(place, "gt", value),
    lambda found, value, now: found is not None and found > value,
)
BEFORE = Operator("before", _("is before"), LESS.sql, LESS.memory)
AFTER = Operator("after", _("is after"), MORE.sql, MORE.memory)
OLDER = Operator(
    "older_than",
    _("is longer ago than"),
    lambda place, value, now: _compare(place, "lt", _ago(now, value)),
    lambda found, value, now: found is not None and found < _ago(now, value),
    is_relative=True,
)
NEWER = Operator(
    "newer_than",
    _("is less long ago than"),
    lambda place, value, now: _compare(place, "gt", _ago(now, value)),
    lambda found, value, now: found is not None and found > _ago(now, value),
    is_relative=True,
)
SINCE = Operator(
    "since",
    _("is on or after"),
    lambda place, value, now: _compare(place, "gte", value),
    lambda found, value, now: found is not None and found >= value,
)
UNTIL = Operator(
    "until",
    _("is on or before"),
    lambda place, value, now: _compare(place, "lte", value),
    lambda found, value, now: found is not None and found <= value,
)
AT_LEAST = Operator("at_least", _("is at least"), SINCE.sql, SINCE.memory)
AT_MOST = Operator("at_most", _("is at most"), UNTIL.sql, UNTIL.memory)
SOONER = Operator(
    "sooner_than",
    _("is less far ahead than"),
    lambda place, value, now: _compare(place, "lt", _in_ahead(now, value)),
    lambda found, value, now: found is not None and found < _in_ahead(now, value),
    is_relative=True,
    is_ahead=True,
)
LATER = Operator(
    "later_than",
    _("is farther ahead than"),
    lambda place, value, now: _compare(place, "gt", _in_ahead(now, value)),
    lambda found, value, now: found is not None and found > _in_ahead(now, value),
    is_relative=True,
    is_ahead=True,
)
YES_NO = Operator(
    "is",
    _("is"),
    lambda place, value, now: _flag(place, value),
    lambda found, value, now: found is not None and found == value,
)
IN = Operator(
    "in",
    _("is one of"),
    lambda place, value, now: _in(place, value),
    lambda found, value, now: found in value,
    is_many=True,
)
NOT_IN = Operator(
    "not_in",
    _("is none of"),
    lambda place, value, now: _not_in(place, value),
    lambda found, value, now: found not in value,
    is_many=True,
)
EMPTY = Operator(
    "is_empty",
    _("is empty"),
    lambda place, value, now: _null(place),
    lambda found, value, now: found is None,
    takes_value=False,
)
FILLED = Operator(
    "is_filled",
    _("is filled in"),
    lambda place, value, now: ~_null(place),
    lambda found, value, now: found is not None,
    takes_value=False,
)
HAS_ANY = Operator(
    "has_any",
    _("has any of"),
    lambda place, value, now: place.owners(**{"in": value}),
    lambda found, value, now: not found.isdisjoint(value),
    is_many=True,
)
HAS_ALL = Operator(
    "has_all",
    _("has all of"),
    lambda place, value, now: _all_of(place, value),
    lambda found, value, now: found.issuperset(value),
    is_many=True,
)
HAS_NONE = Operator(
    "has_none",
    _("has none of"),
    lambda place, value, now: ~place.owners(**{"in": value}),
    lambda found, value, now: found.isdisjoint(value),
    is_many=True,
)
HAS_NOTHING = Operator(
    "is_empty",
    _("is empty"),
    lambda place, value, now: ~place.owners(isnull=False),
    lambda found, value, now: not found,
    takes_value=False,
)
HAS_SOMETHING = Operator(
    "is_filled",
    _("is filled in"),
    lambda place, value, now: place.owners(isnull=False),
    lambda found, value, now: bool(found),
    takes_value=False,
)

_ONE = (IN, NOT_IN, EMPTY, FILLED)
_SET = (HAS_ANY, HAS_ALL, HAS_NONE, HAS_NOTHING, HAS_SOMETHING)
OPERATORS: dict[ValueType, tuple[Operator, ...]] = {
    ValueType.TEXT: (
        CONTAINS,
        CONTAINS_NOT,
        IS,
        IS_NOT,
        STARTS_WITH,
        TEXT_EMPTY,
        TEXT_FILLED,
    ),
    ValueType.NUMBER: (IS, IS_NOT, LESS, AT_MOST, MORE, AT_LEAST, IN, NOT_IN, EMPTY, FILLED),
    ValueType.BOOLEAN: (YES_NO,),
    ValueType.CHOICE: _ONE,
    ValueType.REFERENCE: _ONE,
    ValueType.CODES: _SET,
    ValueType.REFERENCES: _SET,
    ValueType.MOMENT: (
        *(NEWER, OLDER, SOONER, LATER),
        *(SINCE, BEFORE, AFTER, UNTIL),
        *(EMPTY, FILLED),
    ),
}
