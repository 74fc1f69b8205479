"""What a template looks up, found the short way.

A page looks up a thousand names, most of them ``{% if name %}`` and ``{{ row.subject }}``. Django
tries each as the key of a mapping, as an attribute and as a place in a list, by exceptions. Here
what is found at once is given at once; for everything else Django is asked as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.template.base import FilterExpression, Variable, VariableDoesNotExist
from django.template.defaulttags import TemplateLiteral
from django.template.smartif import TokenBase

_the_long_way: Callable[[Variable, Any], Any] = vars(Variable)["_resolve_lookup"]


class ShortVariable(Variable):
    """A name that is no literal and no words to translate."""

    __slots__ = ()
    lookups: tuple[str, ...]

    def _resolve_lookup(self, context: Any) -> Any:
        """VariableDoesNotExist where there is no such name."""
        first, *rest = self.lookups
        for values in reversed(context.dicts):
            if first in values:
                current = values[first]
                break
        else:
            raise VariableDoesNotExist(f"Failed lookup for key [{first}]")
        try:
            for name in rest:
                kind = type(current)
                if callable(current):
                    break
                if kind is dict:
                    current = current[name]
                elif hasattr(kind, "__getitem__"):
                    return _the_long_way(self, context)
                else:
                    current = getattr(current, name)
        except Exception:  # Django knows which of them are silent
            return _the_long_way(self, context)
        return _the_long_way(self, context) if callable(current) else current


class ShortExpression(FilterExpression):
    """A `ShortVariable` without filters."""

    __slots__ = ()
    var: ShortVariable

    def resolve(self, context: Any, ignore_failures: bool = False) -> Any:
        if self.var.translate:  # ``{% translate name %}`` says so when it is drawn
            return super().resolve(context, ignore_failures)
        try:
            return self.var._resolve_lookup(context)
        except VariableDoesNotExist:
            return None if ignore_failures else super().resolve(context)


def shorten(said: Any) -> None:
    """Change in place all that is looked up in it: an attribute of a node."""
    if isinstance(said, FilterExpression):
        _shorten_expression(said)
    elif type(said) is Variable:
        _shorten_variable(said)
    elif isinstance(said, TemplateLiteral):
        shorten(said.value)
    elif isinstance(said, TokenBase):  # and, or, not, in, ==
        shorten(said.first)
        shorten(said.second)
    elif isinstance(said, dict):
        shorten(list(said.values()))
    elif type(said) in (list, tuple):
        for each in said:
            shorten(each)


def _shorten_expression(said: FilterExpression) -> None:
    shorten(said.var)
    for _filter, given in said.filters:
        for _is_looked_up, value in given:
            shorten(value)
    if type(said) is FilterExpression and type(said.var) is ShortVariable and not said.filters:
        said.__class__ = ShortExpression


def _shorten_variable(said: Variable) -> None:
    if said.lookups is not None and not said.translate:
        said.__class__ = ShortVariable
