"""What the demo has made, remembered so that it can be taken away whole. Tickets know themselves:
their origin is "demo"."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from otklik.core import settings
from otklik.core.access import SYSTEM, Origin

LOADED_AT = "demo.loaded_at"
MADE = "demo.made"

DEMO = SYSTEM.coming_from(Origin.DEMO)


def remember(*things: models.Model) -> None:
    """Inside the transaction that makes them, so that an interrupted load can be cleared away."""
    made = dict(settings.get(MADE))
    for thing in things:
        made.setdefault(thing._meta.label, []).append(thing.pk)
    settings.put(DEMO, MADE, made)


def note(key: str, value: object) -> None:
    """Remember something else, such as what a brand was called before."""
    settings.put(DEMO, MADE, {**settings.get(MADE), key: value})


def recall(model: type[models.Model]) -> list[int]:
    """The ids of this model's rows that the demo made, in order."""
    return list(settings.get(MADE).get(model._meta.label, ()))


def forget(keys: Iterable[str] = ()) -> None:
    """Drop what is remembered, but for ``keys``."""
    made = settings.get(MADE)
    settings.put(DEMO, MADE, {key: made[key] for key in keys if key in made})
