"""Placeholders: words in a text that stand for something about the ticket at hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Context = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Placeholder:
    """``name`` is "ticket.number"; ``resolve(context)`` gives text, "" when there is nothing.

    ``context`` maps words ("ticket", "person", "agent") to objects and may lack any of them.
    """

    name: str
    label: str | Promise
    resolve: Callable[[Context], str]


_placeholders: dict[str, Placeholder] = {}


def register_placeholder(placeholder: Placeholder) -> Placeholder:
    """Raises ValueError when the name is taken by another placeholder."""
    known = _placeholders.get(placeholder.name)
    if known is not None and str(known.label) != str(placeholder.label):
        raise ValueError(f"placeholder {placeholder.name!r} is registered twice")
    _placeholders[placeholder.name] = placeholder
    return placeholder


def find_placeholder(name: str) -> Placeholder | None:
    return _placeholders.get(name)


def list_placeholders(*things: str) -> list[Placeholder]:
    """All, or those about some things ("ticket", "person")."""
    return [
        placeholder
        for placeholder in _placeholders.values()
        if not things or placeholder.name.partition(".")[0] in things
    ]
