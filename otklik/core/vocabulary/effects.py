"""Effects: what rules and macros do to a thing, through the room's own actions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid, Missing

Apply = Callable[[Actor, Any, Mapping[str, Any]], object]


@dataclass(frozen=True, slots=True)
class Foreseen:
    """What an effect would do, in words: a value from → to, or a text that would be written.

    ``problem``: why it would be refused as things stand, with its ``code``."""

    label: str
    old: str = ""
    new: str = ""
    text: str = ""
    is_reversible: bool = True
    problem: str = ""
    code: str = ""


Foresee = Callable[[Actor, Any, Mapping[str, Any]], Sequence[Foreseen]]


@dataclass(frozen=True, slots=True)
class Effect:
    """``name`` is "<thing>.<verb>" and never changes. ``form`` asks for and checks the params;
    ``apply(actor, thing, params)`` gets them cleaned and calls an action. ``foresee`` tells what
    that would change, and reads only. ``is_reversible``: an undo takes it back."""

    name: str
    label: str | Promise
    apply: Apply
    form: type[forms.Form] | None = None
    hint: str | Promise = ""
    foresee: Foresee | None = None
    is_reversible: bool = True

    @property
    def thing(self) -> str:
        return self.name.partition(".")[0]

    def clean(self, params: Mapping[str, Any] | None) -> dict[str, Any]:
        """The typed params. Raises Invalid with a problem per field."""
        given = dict(params or {})
        if self.form is None:
            if given:
                raise Invalid(_("This takes no further values."))
            return {}
        filled = self.form(given)
        unknown = set(given) - set(filled.fields)
        if unknown:
            raise Invalid(_("This takes no such value."), fields=dict.fromkeys(unknown, ""))
        if not filled.is_valid():
            problems = {
                name: " ".join(str(error) for error in errors)
                for name, errors in filled.errors.items()
            }
            raise Invalid(_("Some values cannot be used."), fields=problems)
        return filled.cleaned_data


_effects: dict[str, Effect] = {}


def register_effect(effect: Effect) -> Effect:
    """Raises ValueError when the name is taken by another effect."""
    known = _effects.get(effect.name)
    if known is not None and known.apply is not effect.apply:
        raise ValueError(f"effect {effect.name!r} is registered twice")
    _effects[effect.name] = effect
    return effect


def find_effect(name: str) -> Effect | None:
    return _effects.get(name)


def list_effects(thing: str) -> list[Effect]:
    return [effect for effect in _effects.values() if effect.thing == thing]


def apply_effect(
    actor: Actor, thing: Any, name: str, params: Mapping[str, Any] | None = None
) -> None:
    """Raises Missing for an effect nobody brings, Invalid for bad params, and what it raises."""
    effect = find_effect(name)
    if effect is None:
        raise Missing(_("There is no such effect."))
    effect.apply(actor, thing, effect.clean(params))
