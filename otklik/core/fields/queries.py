"""Which fields there are, which one may see and fill, which are asked for now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from otklik.core.access import Actor, Invalid
from otklik.core.db.briefly import briefly
from otklik.core.fields.kinds import read_names, words_of
from otklik.core.fields.models import FILLED, REFERENCES, CustomerAccess, Field, Required
from otklik.core.fields.owners import owner_of, present_ids
from otklik.core.fields.permissions import MANAGE
from otklik.core.vocabulary import Match, read_match


@briefly
def list_fields(thing: str) -> list[Field]:
    """Those in use, in their order."""
    return [field for field in _every() if field.thing == thing]


@briefly
def find_field(key: str) -> Field | None:
    return next((field for field in _every() if field.key == key), None)


def values_of(obj: models.Model) -> dict[str, Any]:
    """The stored values by key; of archived fields too."""
    return dict(getattr(obj, "custom", None) or {})


def present_values(obj: models.Model) -> dict[str, Any]:
    """The same, with whom people who were merged are part of now: what is shown and compared."""
    values = values_of(obj)
    if not values:
        return values
    for field in list_fields(owner_of(obj).thing):
        value = values.get(field.key)
        if field.kind in REFERENCES and isinstance(value, int):
            values[field.key] = present_ids(field.kind, [value]).get(value, value)
    return values


def may_see(actor: Actor, field: Field) -> bool:
    """Whoever is no staff sees what customers are shown, whatever the teams."""
    if actor.is_staff:
        return _is_for(actor, field.see_teams)
    return field.customer_access != CustomerAccess.HIDDEN


def may_edit(actor: Actor, field: Field, *, is_opening: bool = False) -> bool:
    """``is_opening``: in what they are just asking for."""
    if actor.is_staff:
        return may_see(actor, field) and _is_for(actor, field.edit_teams)
    if field.kind in REFERENCES:
        return False  # offering people to choose from would tell who they are
    if is_opening:
        return field.customer_access in FILLED
    return field.customer_access == CustomerAccess.CHANGED


def is_visible(field: Field, obj: models.Model) -> bool:
    """Whether its conditions hold for the object as it is, saved or not."""
    match = match_of(field.thing, field.visible_when)
    return match is None or match.test(obj)


def is_required(field: Field, obj: models.Model, moment: str) -> bool:
    """Whether a value is needed at a moment ("opening", "solving"): by itself, or while its
    conditions hold. What is not visible is not needed."""
    if field.required != moment or not is_visible(field, obj):
        return False
    match = match_of(field.thing, field.required_when)
    return match is None or match.test(obj)


def list_missing(obj: models.Model, moment: str) -> list[Field]:
    """Fields without the value that is needed at that moment; before solving, those needed when
    opening too."""
    moments = [Required.OPENING, Required.SOLVING] if moment == "solving" else [Required.OPENING]
    values = values_of(obj)
    return [
        field
        for field in list_fields(owner_of(obj).thing)
        if values.get(field.key) is None and any(is_required(field, obj, each) for each in moments)
    ]


def match_of(thing: str, stored: Any) -> Match | None:
    """None for no conditions, and for those that nobody can ask any more."""
    if not stored or not (stored.get("all") or stored.get("any")):
        return None
    try:
        return read_match(thing, stored)
    except Invalid:
        return None


def defaults_of(thing: str) -> dict[str, Any]:
    return {field.key: field.default for field in list_fields(thing) if field.default is not None}


@dataclass(frozen=True, slots=True)
class Shown:
    """One field of an object for a screen."""

    field: Field
    label: str
    value: Any
    words: str
    may_edit: bool
    is_needed: bool  # empty, and wanted before the next step
    choices: list[tuple[str, str]]


def list_shown(actor: Actor, obj: models.Model, language: str = "") -> list[Shown]:
    """Every field that this one may see and whose conditions hold; one query when something is
    pointed at, none otherwise."""
    values = present_values(obj)
    fields = [
        field
        for field in list_fields(owner_of(obj).thing)
        if may_see(actor, field) and is_visible(field, obj)
    ]
    if not fields:
        return []
    names = read_names((field, values.get(field.key)) for field in fields)
    moment = "solving" if actor.is_staff else "opening"
    missing = {field.pk for field in list_missing(obj, moment)}
    return [
        Shown(
            field=field,
            label=field.label(language),
            value=values.get(field.key),
            words=words_of(field, values.get(field.key), names),
            may_edit=may_edit(actor, field),
            is_needed=field.pk in missing,
            choices=choices_of(field, values.get(field.key), language),
        )
        for field in fields
    ]


def texts_of(custom: Mapping[str, Any] | None, thing: str) -> list[str]:
    """What a search should find an object by: texts, and words of options."""
    if not custom:
        return []
    by_key = {field.key: field for field in list_fields(thing)}
    found = []
    for key, value in custom.items():
        field = by_key.get(key)
        if field is None or value is None or field.see_teams:
            continue
        if field.kind == "text":
            found.append(value)
        elif field.kind in ("choice", "multi"):
            codes = value if isinstance(value, list) else [value]
            found += [each["name"] for each in field.options if each["code"] in codes]
    return found


def words_of_values(obj: models.Model) -> list[str]:
    """ "Serial number: 77-12" for each value, archived fields too: for an export."""
    values = values_of(obj)
    fields = Field.objects.filter(thing=owner_of(obj).thing, key__in=list(values))
    return [f"{field.label_now()}: {words_of(field, values[field.key])}" for field in fields]


def choices_of(field: Field, value: Any, language: str) -> list[tuple[str, str]]:
    """What may be chosen, and what is chosen though it may not be any more."""
    chosen = set(value if isinstance(value, list) else [value])
    offered = dict(field.option_choices(language))
    every = field.option_choices(language, inactive=True)
    return [(code, words) for code, words in every if code in offered or code in chosen]


def _is_for(actor: Actor, teams: list[int]) -> bool:
    return not teams or actor.can(MANAGE) or not actor.team_ids.isdisjoint(teams)


@briefly
def _every() -> list[Field]:
    return list(Field.objects.filter(archived_at__isnull=True))
