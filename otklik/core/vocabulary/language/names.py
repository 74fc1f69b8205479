"""What conditions and their values are called, in every language at once."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.utils.translation import override

from otklik.core.vocabulary.conditions import Condition, list_conditions
from otklik.core.vocabulary.operators import ValueType
from otklik.kit.text import sort_key


class Names:
    """Read once for one query; what is asked of the database is asked once."""

    def __init__(self, thing: str) -> None:
        self.conditions = list_conditions(thing)
        self._by_name = _by_name(tuple(self.conditions))
        self._labels: dict[tuple[str, str], list[tuple[Any, str]]] = {}

    def find(self, name: str) -> Condition | None:
        return self._by_name.get(sort_key(name))

    def known(self) -> list[str]:
        return list(self._by_name)

    def labels(self, condition: Condition, language: str) -> list[tuple[Any, str]]:
        """Values that can be chosen, in order, as they are called in a language."""
        key = (condition.name, language)
        if key not in self._labels:
            with override(language):
                given = condition.choices() if condition.choices else ()
                self._labels[key] = [(value, str(label)) for value, label in given]
        return self._labels[key]

    def values_called(self, condition: Condition, text: str) -> tuple[frozenset[Any], list[str]]:
        """Values of this name or, when it has none, of the one name that begins so; and the names
        when several do."""
        if condition.naming is not None:
            return condition.naming.find(text), []
        wanted = sort_key(text)
        begun: dict[Any, str] = {}
        exact: set[Any] = set()
        for value, label in self._every(condition):
            folded = sort_key(label)
            if folded == wanted:
                exact.add(value)
            elif wanted and folded.startswith(wanted):
                begun.setdefault(value, label)
        if exact:
            return frozenset(exact), []
        if len(begun) == 1:
            return frozenset(begun), []
        return frozenset(), list(dict.fromkeys(begun.values()))

    def names_of_values(self, condition: Condition) -> list[str]:
        return [label for _value, label in self._every(condition)]

    def _every(self, condition: Condition) -> Iterable[tuple[Any, str]]:
        if condition.value_type in (ValueType.CHOICE, ValueType.CODES):
            for value, _label in self.labels(condition, "en"):
                yield value, str(value)
        for language, _name in settings.LANGUAGES:
            yield from self.labels(condition, language)


@lru_cache(maxsize=32)
def _by_name(conditions: tuple[Condition, ...]) -> dict[str, Condition]:
    """What was registered first keeps a name that two have."""
    return {
        sort_key(name): condition
        for condition in reversed(conditions)
        for name in names_of(condition)
    }


def names_of(condition: Condition) -> tuple[str, ...]:
    return condition.names or (condition.name.partition(".")[2],)


def name_in(condition: Condition, language: str) -> str:
    """How it is written in a language."""
    names = names_of(condition)
    return names[1] if language == "ru" and len(names) > 1 else names[0]
