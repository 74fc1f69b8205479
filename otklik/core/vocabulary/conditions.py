"""Conditions: what can be asked of a thing, from one definition with three faces.

Views, rules, SLA matching, routing and form visibility use the same conditions: as SQL over many
rows, as a test of one object in memory, and as a form field. A property test says they agree.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Operator(StrEnum):
    IS = "is"
    IS_NOT = "is_not"
    IN = "in"
    NOT_IN = "not_in"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BEFORE = "before"
    AFTER = "after"
    IS_EMPTY = "is_empty"
    IS_SET = "is_set"


OPERATOR_LABELS: dict[Operator, str | Promise] = {
    Operator.IS: _("is"),
    Operator.IS_NOT: _("is not"),
    Operator.IN: _("is one of"),
    Operator.NOT_IN: _("is none of"),
    Operator.AT_LEAST: _("at least"),
    Operator.AT_MOST: _("at most"),
    Operator.BEFORE: _("before"),
    Operator.AFTER: _("after"),
    Operator.IS_EMPTY: _("is empty"),
    Operator.IS_SET: _("is set"),
}


class Type(StrEnum):
    CHOICE = "choice"
    NUMBER = "number"
    MOMENT = "moment"


_OPERATORS: dict[Type, tuple[Operator, ...]] = {
    Type.CHOICE: (
        Operator.IS,
        Operator.IS_NOT,
        Operator.IN,
        Operator.NOT_IN,
        Operator.IS_EMPTY,
        Operator.IS_SET,
    ),
    Type.NUMBER: (
        Operator.IS,
        Operator.IS_NOT,
        Operator.AT_LEAST,
        Operator.AT_MOST,
        Operator.IN,
        Operator.NOT_IN,
    ),
    Type.MOMENT: (Operator.BEFORE, Operator.AFTER, Operator.IS_EMPTY, Operator.IS_SET),
}

Choices = Callable[[], Sequence[tuple[Any, str]]]


@dataclass(frozen=True, slots=True)
class Condition:
    """One question. ``path`` is the column in queries, ``read`` gives the same from an object."""

    name: str
    label: str | Promise
    type: Type
    path: str
    read: Callable[[Any], Any]
    choices: Choices | None = None

    @property
    def operators(self) -> tuple[Operator, ...]:
        return _OPERATORS[self.type]

    def q(self, operator: Operator, value: Any = None) -> Q:
        """The SQL face. Raises ValueError for an operator this type does not know."""
        self._require(operator)
        path = self.path
        match operator:
            case Operator.IS:
                return Q(**{path: value})
            case Operator.IS_NOT:
                return ~Q(**{path: value}) | Q(**{f"{path}__isnull": True})
            case Operator.IN:
                return Q(**{f"{path}__in": list(value)})
            case Operator.NOT_IN:
                return ~Q(**{f"{path}__in": list(value)}) | Q(**{f"{path}__isnull": True})
            case Operator.AT_LEAST:
                return Q(**{f"{path}__gte": value})
            case Operator.AT_MOST:
                return Q(**{f"{path}__lte": value})
            case Operator.BEFORE:
                return Q(**{f"{path}__lt": value})
            case Operator.AFTER:
                return Q(**{f"{path}__gt": value})
            case Operator.IS_EMPTY:
                return Q(**{f"{path}__isnull": True})
            case _:
                return Q(**{f"{path}__isnull": False})

    def test(self, thing: Any, operator: Operator, value: Any = None) -> bool:
        """The memory face: the same answer for one object."""
        self._require(operator)
        mine = self.read(thing)
        if operator is Operator.IS_EMPTY:
            return mine is None
        if operator is Operator.IS_SET:
            return mine is not None
        if operator is Operator.IS_NOT:
            return mine is None or bool(mine != value)
        if operator is Operator.NOT_IN:
            return mine is None or mine not in list(value)
        if mine is None:
            return False
        if operator is Operator.IN:
            return mine in list(value)
        if operator is Operator.IS:
            return bool(mine == value)
        return _compare(mine, operator, value)

    def form_field(self) -> forms.Field:
        """The form face: what a person fills in for the value."""
        if self.type is Type.MOMENT:
            return forms.DateTimeField(label=self.label, required=False)
        if self.choices is not None:
            return forms.MultipleChoiceField(
                label=self.label, required=False, choices=self.choices()
            )
        if self.type is Type.NUMBER:
            return forms.IntegerField(label=self.label, required=False)
        return forms.CharField(label=self.label, required=False, max_length=200)

    def _require(self, operator: Operator) -> None:
        if operator not in self.operators:
            raise ValueError(f"{self.name} knows no operator {operator}")


def _compare(mine: Any, operator: Operator, value: Any) -> bool:
    if isinstance(value, datetime) and not isinstance(mine, datetime):
        return False
    match operator:
        case Operator.AT_LEAST:
            return bool(mine >= value)
        case Operator.AT_MOST:
            return bool(mine <= value)
        case Operator.BEFORE:
            return bool(mine < value)
        case Operator.AFTER:
            return bool(mine > value)
        case _:
            raise ValueError(operator)


_conditions: dict[str, dict[str, Condition]] = {}


def register_condition(about: str, condition: Condition) -> None:
    """Add a condition about a kind of thing ("ticket"). The name is what rules store."""
    _conditions.setdefault(about, {})[condition.name] = condition


def get_condition(about: str, name: str) -> Condition:
    """Raises LookupError."""
    try:
        return _conditions[about][name]
    except KeyError:
        raise LookupError(f"no condition {name!r} about {about!r}") from None


def list_conditions(about: str) -> list[Condition]:
    return sorted(_conditions.get(about, {}).values(), key=lambda condition: condition.name)
