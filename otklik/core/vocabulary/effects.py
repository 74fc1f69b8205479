"""Effects: what a rule or macro can do to a thing. Each calls the room's own action."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise

from otklik.core.access import Actor


@dataclass(frozen=True, slots=True)
class Effect:
    """``form()`` asks for the parameters, ``apply(actor, thing, params)`` does it and raises what
    the action raises."""

    name: str
    label: str | Promise
    apply: Callable[[Actor, Any, Mapping[str, Any]], object]
    form: Callable[[], Mapping[str, forms.Field]]


_effects: dict[str, dict[str, Effect]] = {}


def register_effect(about: str, effect: Effect) -> None:
    _effects.setdefault(about, {})[effect.name] = effect


def get_effect(about: str, name: str) -> Effect:
    """Raises LookupError."""
    try:
        return _effects[about][name]
    except KeyError:
        raise LookupError(f"no effect {name!r} on {about!r}") from None


def list_effects(about: str) -> list[Effect]:
    return sorted(_effects.get(about, {}).values(), key=lambda effect: effect.name)
