"""What has custom fields, and what fields may point at. The rooms above bring both."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.functional import Promise

from otklik.core.access import Actor


@dataclass(frozen=True, slots=True)
class Owner:
    """A model with the columns ``custom`` (JSON, nullable) and ``version``.

    ``lock(actor, pk)``: the row, held; raises Missing when this one may not see it, Forbidden
    when they may not change it. ``save(obj)`` writes ``custom`` and counts the version up.
    ``told(obj)``: the ticket and person an event is about. ``is_for_customers``: whether customers
    may be given fields of it to see and to fill in.
    """

    thing: str
    model: str
    label: str | Promise
    lock: Callable[[Actor, int], Any]
    save: Callable[[Any], None]
    told: Callable[[Any], Mapping[str, int]]
    is_for_customers: bool = False


@dataclass(frozen=True, slots=True)
class Reference:
    """What a field points at: ``find(actor, pk)`` whether there is one this one may see,
    ``spell(ids)`` their names by id.

    Where things of this kind can become one: ``present(ids)`` which each is part of now, and
    ``everybody(ids)`` all that are one with any of these. Stored values stay as they were written,
    so taking it back needs no change of them.
    """

    kind: str
    find: Callable[[Actor, int], bool]
    spell: Callable[[Iterable[int]], Mapping[int, str]]
    present: Callable[[Iterable[int]], Mapping[int, int]] | None = None
    everybody: Callable[[Iterable[int]], set[int]] | None = None


_owners: dict[str, Owner] = {}
_references: dict[str, Reference] = {}


def register_owner(owner: Owner) -> None:
    _owners[owner.thing] = owner


def register_reference(reference: Reference) -> None:
    _references[reference.kind] = reference


def list_owners() -> list[Owner]:
    return list(_owners.values())


def find_owner(thing: str) -> Owner | None:
    return _owners.get(thing)


def owner_of(obj: models.Model) -> Owner:
    """Raises LookupError for a model without custom fields."""
    for owner in _owners.values():
        if owner.model == obj._meta.label:
            return owner
    raise LookupError(f"{obj._meta.label} has no custom fields")


def find_reference(kind: str) -> Reference | None:
    return _references.get(kind)


def present_ids(kind: str, ids: Iterable[int]) -> Mapping[int, int]:
    """What each of these is part of by now; itself where nothing of this kind is ever joined."""
    wanted = set(ids)
    reference = _references.get(kind)
    if not wanted or reference is None or reference.present is None:
        return {pk: pk for pk in wanted}
    return reference.present(wanted)


def ids_that_are_one(kind: str, ids: Iterable[int]) -> set[int]:
    """These and all that are one with them: what stored values may name."""
    reference = _references.get(kind)
    found = set(ids)
    return found if reference is None or reference.everybody is None else reference.everybody(found)
