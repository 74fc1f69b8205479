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
from django.db.models import F, Q, TextField, Value
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

    def owners(self, **lookup: Any) -> Q:
        """Objects that have such a related value, each once however many it has."""
        manager = apps.get_model(self.model)._base_manager
        found = manager.filter(**{f"{self.path}__{key}": value for key, value in lookup.items()})
        return Q(pk__in=found.values("pk"))


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
    is_relative: bool = False  # the value is a number of minutes before now


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
IN = Operator(
    "in",
    _("is one of"),
    lambda place, value, now: _compare(place, "in", value),
    lambda found, value, now: found is not None and found in value,
)
NOT_IN = Operator(
    "not_in",
    _("is none of"),
    lambda place, value, now: _null(place) | ~_compare(place, "in", value),
    lambda found, value, now: found is None or found not in value,
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
)
HAS_ALL = Operator(
    "has_all",
    _("has all of"),
    lambda place, value, now: _all_of(place, value),
    lambda found, value, now: found.issuperset(value),
)
HAS_NONE = Operator(
    "has_none",
    _("has none of"),
    lambda place, value, now: ~place.owners(**{"in": value}),
    lambda found, value, now: found.isdisjoint(value),
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
    ValueType.NUMBER: (IS, IS_NOT, LESS, MORE, EMPTY, FILLED),
    ValueType.BOOLEAN: (IS,),
    ValueType.CHOICE: _ONE,
    ValueType.REFERENCE: _ONE,
    ValueType.CODES: _SET,
    ValueType.REFERENCES: _SET,
    ValueType.MOMENT: (OLDER, NEWER, BEFORE, AFTER, EMPTY, FILLED),
}
