"""Conditions: one definition, three faces: SQL, a test in memory, a form field."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django import forms
from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.vocabulary.operators import OPERATORS, Operator, Place, ValueType
from otklik.core.vocabulary.values import ME, Choices, clean_value, form_field
from otklik.kit.text import clean_line

__all__ = [
    "Condition",
    "Naming",
    "ValueType",
    "find_condition",
    "list_conditions",
    "register_condition",
    "register_finder",
]


class Naming(Protocol):
    """Finds and spells things by name where a list of all would be too long."""

    def find(self, text: str) -> frozenset[Any]:
        """Ids or codes called exactly so; empty for none."""

    def spell(self, values: frozenset[Any]) -> list[tuple[str, frozenset[Any]]]:
        """Names that ``find`` leads back to exactly these; what has none is left out."""

    def suggest(self, text: str, limit: int) -> list[str]:
        """Names that begin so."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One thing that can be asked of an object.

    ``name`` is "<thing>.<word>" and never changes: views and rules are stored with it. ``model``
    is the model asked about ("tickets.Ticket"), ``path`` the lookup to the value from there and
    ``read`` the same value from an object in memory: None for nothing, a set for codes and
    references. ``normalise`` is what was done to the column (`kit.text.sort_key` for folded
    ones); the value asked about gets the same. ``choices`` lists what can be chosen.

    ``names`` are what it is called in queries: English, Russian, then any others. ``me`` says
    which ids are whoever asks; ``naming`` finds and spells what ``choices`` are too many for;
    ``otherwise`` names the condition on a text that is asked when a name is nobody's.
    ``is_presence``: a yes or no by whether the column holds anything. ``is_ahead``: a moment that
    is mostly to come.
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
    names: tuple[str, ...] = ()
    me: Callable[[Actor], Iterable[int]] | None = None
    naming: Naming | None = None
    otherwise: Callable[[str], str] | None = None
    is_presence: bool = False
    is_ahead: bool = False

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
        operator = self.operator(code)
        return clean_value(
            self.value_type, operator, value, self.normalise, knows_me=self.me is not None
        )

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        """The condition over rows of ``model``, asked by ``actor``. Raises Invalid."""
        operator = self.operator(code)
        cleaned = self._meant(self.clean(code, value), actor)
        place = Place(self.path, self.model, self.is_presence)
        return operator.sql(place, cleaned, now or timezone.now())

    def test(
        self,
        obj: Any,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> bool:
        """The condition over one object in memory: the same answer. Raises Invalid."""
        operator = self.operator(code)
        cleaned = self._meant(self.clean(code, value), actor)
        return operator.memory(self.read(obj), cleaned, now or timezone.now())

    def _meant(self, value: Any, actor: Actor | None) -> Any:
        """``ME`` becomes ids: none when nobody asks."""
        if not isinstance(value, frozenset) or ME not in value:
            return value
        mine = self.me(actor) if self.me is not None and actor is not None else ()
        return (value - {ME}) | frozenset(mine)

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


@dataclass(frozen=True, slots=True)
class _Finder:
    find: Callable[[str], Condition | None]
    list_of: Callable[[str], list[Condition]]


_finders: dict[str, _Finder] = {}


def register_finder(
    prefix: str,
    find: Callable[[str], Condition | None],
    list_of: Callable[[str], list[Condition]],
) -> None:
    """Conditions that come and go while the desk runs, such as custom fields: ``find(name)`` for
    names that begin with ``prefix``, ``list_of(thing)`` for all of a thing."""
    _finders[prefix] = _Finder(find, list_of)


def find_condition(name: str) -> Condition | None:
    known = _conditions.get(name)
    if known is not None:
        return known
    for prefix, finder in _finders.items():
        if name.startswith(prefix):
            return finder.find(name)
    return None


def list_conditions(thing: str) -> list[Condition]:
    """All that can be asked of a thing ("ticket"), in the order they were registered, then those
    that come and go."""
    fixed = [condition for condition in _conditions.values() if condition.thing == thing]
    return fixed + [each for finder in _finders.values() for each in finder.list_of(thing)]
