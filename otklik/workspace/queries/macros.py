"""Macros for pickers and previews, and their steps in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid
from otklik.core.vocabulary import Effect, find_effect
from otklik.core.vocabulary.tongues import every_tongue
from otklik.kit.text import sort_key
from otklik.tickets.effects import clean_steps
from otklik.workspace.models import Macro

MOST = 50


@dataclass(frozen=True, slots=True)
class StepWords:
    """``problem``: what the step names is there no longer, or makes no sense."""

    words: str
    is_reversible: bool = True
    problem: str = ""


def list_macros(actor: Actor, q: str = "", *, limit: int = MOST) -> list[Macro]:
    """Those offered, whose name or hint holds every word of ``q``; the most used first."""
    rows = Macro.objects.visible_to(actor).active().select_related("team")
    words = sort_key(q).split()
    found = [row for row in rows.order_by("-uses", "sort_name", "pk")[:500] if _holds(row, words)]
    return found[:limit]


def _holds(row: Macro, words: Sequence[str]) -> bool:
    said = (*every_tongue(row.labels, row.name), *every_tongue(row.hints, row.hint))
    text = " ".join(sort_key(each, 300) for each in said)
    return all(word in text for word in words)


def steps_in_words(steps: Sequence[Mapping[str, Any]]) -> list[StepWords]:
    return [_in_words(step) for step in steps]


def _in_words(step: Mapping[str, Any]) -> StepWords:
    effect = find_effect(str(step.get("effect", "")))
    if effect is None:
        return StepWords(str(step.get("effect", "")), problem=_("There is no such effect."))
    params = dict(step.get("params") or {})
    try:
        clean_steps([step])
    except Invalid as refused:
        return StepWords(str(effect.label), effect.is_reversible, str(refused))
    told = ", ".join(filter(None, _values(effect, params)))
    words = f"{effect.label}: {told}" if told else str(effect.label)
    return StepWords(words, effect.is_reversible)


def _values(effect: Effect, params: Mapping[str, Any]) -> list[str]:
    if effect.form is None:
        return []
    bound = effect.form(dict(params))
    bound.is_valid()
    return [_spell(field, bound.cleaned_data.get(name)) for name, field in bound.fields.items()]


def _spell(field: forms.Field, value: Any) -> str:
    if isinstance(field, forms.BooleanField):
        return str(field.label) if value else ""
    if isinstance(field, forms.ModelChoiceField):
        return _name_of(value) if isinstance(value, Model) else _("nobody")
    if isinstance(field, forms.ChoiceField):
        names = {str(code): str(label) for code, label in _flat(field)}
        return names.get(str(value), str(value))
    text = " ".join(str(value if value is not None else "").split())
    return text if len(text) <= 120 else text[:119] + "…"


def _flat(field: forms.ChoiceField) -> list[tuple[Any, Any]]:
    return [(code, label) for code, label in field.choices]  # type: ignore[misc, union-attr]


def _name_of(row: Model) -> str:
    person = getattr(row, "person", None)
    return str(person.name if person is not None else row)
