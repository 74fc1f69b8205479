"""Changing a row that somebody else may be changing too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext as _

from otklik.core.access import Conflict
from otklik.people.models import MergeState, Person, PersonMerge


class Versioned(Protocol):
    version: int


def locked(thing: models.Model) -> Any:
    """The row as it is now, held until the transaction ends. Raises DoesNotExist."""
    # Not type(): the user of a request is a lazy stand-in.
    return thing._meta.model._default_manager.select_for_update().get(pk=thing.pk)


def demand_known(person_id: int) -> None:
    """Raise Conflict for a person who was erased or merged: nothing is written to a tombstone."""
    if Person.objects.filter(pk=person_id, erased_at__isnull=False).exists():
        raise Conflict(_("This person is erased already."), code="erased")
    if Person.objects.filter(pk=person_id, merged_into__isnull=False).exists():
        raise Conflict(_("This person has been merged into another one."), code="merged")


def demand_settled(person: Person) -> None:
    """Raises Conflict while what belongs to them is being moved."""
    running = PersonMerge.objects.filter(state__in=(MergeState.MERGING, MergeState.PARTING))
    if running.filter(Q(kept=person) | Q(gone=person)).exists():
        words = _("What belongs to %(name)s is being moved just now. Try again in a minute.")
        raise Conflict(words % {"name": person}, code="busy")


def differing(thing: models.Model, changes: Mapping[str, Any]) -> dict[str, Any]:
    """Those changes that would change something."""
    return {name: value for name, value in changes.items() if getattr(thing, name) != value}


def demand_version(current: Versioned, version: int | None, changes: Mapping[str, Any]) -> None:
    """Raise Conflict with their values when the row moved on and the two changes cross."""
    if version is None or current.version == version:
        return
    crossing = differing(current, changes)  # type: ignore[arg-type]
    if crossing:
        raise Conflict(
            _("Somebody changed this in the meantime. Look at their values before you save."),
            fields={name: getattr(current, name) for name in crossing},
        )


def copy_values(source: models.Model, target: models.Model, names: Any) -> None:
    """Bring the caller's instance up to date, so that it shows what was stored."""
    for name in names:
        setattr(target, name, getattr(source, name))
