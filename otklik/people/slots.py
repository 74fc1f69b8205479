"""What rooms above add to people."""

from __future__ import annotations

from collections.abc import Callable

from otklik.people.models import Person

_keepers: dict[str, Callable[[Person], bool]] = {}


def register_keeper(name: str, keeps: Callable[[Person], bool]) -> None:
    """Say whether something of a person's in this room is under legal hold."""
    _keepers[name] = keeps


def is_kept(person: Person) -> bool:
    return any(keeps(person) for keeps in _keepers.values())
