"""Conditions: one definition, three faces: SQL, a test in memory, a form field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.core.vocabulary.operators import OPERATORS, Operator, Place, ValueType
from otklik.core.vocabulary.values import Choices, clean_value, form_field
from otklik.kit.text import clean_line

__all__ = [
    "Condition",
    "ValueType",
    "find_condition",
    "list_conditions",
    "register_condition",
]


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that can be asked of an object.

    ``name`` is "<thing>.<word>" and never changes: views and rules are stored with it. ``model``
    is the model asked about ("tickets.Ticket"), ``path`` the lookup to the value from there and
    ``read`` the same value from an object in memory: None for nothing, a set for codes and
    references. ``normalise`` is what was done to the column (`kit.text.sort_key` for folded
    ones); the value asked about gets the same. ``choices`` lists what can be chosen.
    """

    name: str
    label: str | Promise
    value_type: ValueType
    model: str
    path: str
    read: Callable[[Any], Any]
    choices: Choices | None = None
    normalise: Callable[[str], str] = clean_line
    hint: str | Promise = ""

    @property
    def thing(self) -> str:
        return self.name.partition(".")[0]

    @property
    def operators(self) -> tuple[Operator, ...]:
        return OPERATORS[self.value_type]

    def operator(self, code: str) -> Operator:
        """Raises Invalid for one that this condition does not know."""
        for each in self.operators:
            if each.code == code:
                return each
        raise Invalid(_("This cannot be asked here."), fields={self.name: code})

    def clean(self, code: str, value: Any) -> Any:
        """The typed value for an operator. Raises Invalid."""
        return clean_value(self.value_type, self.operator(code), value, self.normalise)

    def q(self, code: str, value: Any = None, *, now: datetime | None = None) -> Q:
        """The condition over rows of ``model``. Raises Invalid."""
        operator = self.operator(code)
        cleaned = self.clean(code, value)
        return operator.sql(Place(self.path, self.model), cleaned, now or timezone.now())

    def test(self, obj: Any, code: str, value: Any = None, *, now: datetime | None = None) -> bool:
        """The condition over one object in memory: the same answer. Raises Invalid."""
        operator = self.operator(code)
        cleaned = self.clean(code, value)
        return operator.memory(self.read(obj), cleaned, now or timezone.now())

    def form_field(self, code: str) -> forms.Field | None:
        """The field that asks for the value; None when the operator takes none."""
        return form_field(self.value_type, self.operator(code), self.choices)


_conditions: dict[str, Condition] = {}


def register_condition(condition: Condition) -> Condition:
    """Raises ValueError when the name means something else already."""
    known = _conditions.get(condition.name)
    if known is not None and (known.model, known.path) != (condition.model, condition.path):
        raise ValueError(f"condition {condition.name!r} is registered twice")
    if "." not in condition.name:
        raise ValueError(f"condition {condition.name!r}: a name is thing.word")
    _conditions[condition.name] = condition
    return condition


def find_condition(name: str) -> Condition | None:
    return _conditions.get(name)


def list_conditions(thing: str) -> list[Condition]:
    """All that can be asked of a thing ("ticket"), in the order they were registered."""
    return [condition for condition in _conditions.values() if condition.thing == thing]
