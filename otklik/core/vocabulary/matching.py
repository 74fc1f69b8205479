"""Several conditions together, as views and rules keep them: all of these, any of those."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.vocabulary.conditions import Condition, ValueType, find_condition
from otklik.core.vocabulary.values import value_as_json

MAX_CLAUSES = 40


@dataclass(frozen=True, slots=True)
class Clause:
    condition: Condition
    operator: str
    value: Any

    def as_json(self) -> dict[str, Any]:
        return {
            "condition": self.condition.name,
            "operator": self.operator,
            "value": value_as_json(self.value),
        }


@dataclass(frozen=True, slots=True)
class Match:
    """Everything in ``all`` holds and, when ``any`` is not empty, one of it does."""

    all: tuple[Clause, ...] = ()
    any: tuple[Clause, ...] = ()

    def q(self, *, now: datetime | None = None, actor: Actor | None = None) -> Q:
        now = now or timezone.now()
        found = Q()
        for clause in self.all:
            found &= clause.condition.q(clause.operator, clause.value, now=now, actor=actor)
        one = Q()
        for clause in self.any:
            one |= clause.condition.q(clause.operator, clause.value, now=now, actor=actor)
        return found & one

    def test(self, obj: Any, *, now: datetime | None = None, actor: Actor | None = None) -> bool:
        now = now or timezone.now()

        def holds(clause: Clause) -> bool:
            condition = clause.condition
            return condition.test(obj, clause.operator, clause.value, now=now, actor=actor)

        if not all(holds(clause) for clause in self.all):
            return False
        return not self.any or any(holds(clause) for clause in self.any)

    @property
    def is_empty(self) -> bool:
        return not self.all and not self.any

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return self.all + self.any

    def as_json(self) -> dict[str, Any]:
        return {
            "all": [clause.as_json() for clause in self.all],
            "any": [clause.as_json() for clause in self.any],
        }


def canonical(match: Match) -> Match:
    """The one way in which the same is said: nothing alone is "is empty", one number is "is",
    an alternative without another holds."""
    every = tuple(map(_plain, match.all))
    some = tuple(dict.fromkeys(map(_plain, match.any)))
    if len(some) == 1:
        return Match(tuple(dict.fromkeys(every + some)))
    return Match(tuple(dict.fromkeys(every)), some)


_NOTHING = {"in": "is_empty", "not_in": "is_filled"}
_ONE = {"in": "is", "not_in": "is_not"}


def _plain(clause: Clause) -> Clause:
    value, operator = clause.value, clause.operator
    if not isinstance(value, frozenset) or len(value) != 1:
        return clause
    if operator == "has_all":
        return Clause(clause.condition, "has_any", value)
    if operator not in _NOTHING:
        return clause
    if None in value:
        return Clause(clause.condition, _NOTHING[operator], None)
    if clause.condition.value_type is ValueType.NUMBER:
        return Clause(clause.condition, _ONE[operator], next(iter(value)))
    return clause


def read_match(thing: str, data: Any) -> Match:
    """``{"all": [{"condition", "operator", "value"}], "any": […]}`` about a thing ("ticket").

    Raises Invalid, whose ``fields`` name each bad clause ("all.0"). A condition nobody brings any
    more is bad too: leaving it out would show more than was asked for.
    """
    if not isinstance(data, dict) or set(data) - {"all", "any"}:
        raise Invalid(_("These are no conditions."))
    problems: dict[str, str] = {}
    groups = {}
    for group in ("all", "any"):
        groups[group] = _read_group(thing, group, data.get(group) or [], problems)
    if problems:
        raise Invalid(_("Some conditions cannot be used."), fields=problems)
    return Match(all=groups["all"], any=groups["any"])


def _read_group(thing: str, group: str, given: Any, problems: dict[str, str]) -> tuple[Clause, ...]:
    if not isinstance(given, Sequence) or isinstance(given, str) or len(given) > MAX_CLAUSES:
        problems[group] = _("At most 40 conditions.")
        return ()
    clauses = []
    for number, each in enumerate(given):
        try:
            clauses.append(_read_clause(thing, each))
        except Invalid as error:
            problems[f"{group}.{number}"] = str(error)
    return tuple(clauses)


def _read_clause(thing: str, each: Any) -> Clause:
    if not isinstance(each, dict):
        raise Invalid(_("This is no condition."))
    condition = find_condition(str(each.get("condition")))
    if condition is None or condition.thing != thing:
        raise Invalid(_("There is no such condition here."))
    operator = str(each.get("operator"))
    return Clause(condition, operator, condition.clean(operator, each.get("value")))
