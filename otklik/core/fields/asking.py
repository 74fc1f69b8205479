"""What customers are asked when they open something, and what they may change of it later."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid, Missing
from otklik.core.fields.kinds import clean_value
from otklik.core.fields.models import WITH_OPTIONS, Field, Required
from otklik.core.fields.owners import owner_of
from otklik.core.fields.queries import is_required, is_visible, list_fields, may_edit, values_of


@dataclass(frozen=True, slots=True)
class AskedFields:
    """``fields``: those whose conditions hold with the values given. ``values``: what is stored,
    by key. ``wrong``: what is wrong with what was given. ``needed``: keys that must not be empty.
    """

    fields: list[Field]
    values: dict[str, Any]
    wrong: dict[str, str]
    needed: frozenset[str]


def list_fillable(actor: Actor, thing: str, *, is_opening: bool) -> list[Field]:
    return [field for field in list_fields(thing) if may_edit(actor, field, is_opening=is_opening)]


def ask(
    actor: Actor, obj: models.Model, given: Mapping[str, Any], *, is_opening: bool = True
) -> AskedFields:
    """What is asked of this one about an object as it is, with ``given`` in its place; the object
    is left as it was. Keys that are not theirs to fill in are passed over; what is given for a
    field out of sight counts for nothing."""
    fields = list_fillable(actor, owner_of(obj).thing, is_opening=is_opening)
    stored, clean, wrong = values_of(obj), {}, {}
    for field in fields:
        if field.key not in given:
            continue
        try:
            value = clean_value(actor, field, given[field.key])
            _demand_offered(field, value, stored.get(field.key))
            clean[field.key] = value
        except Invalid as refused:
            wrong[field.key] = refused.fields.get(field.key, str(refused))
    like = _like(obj, clean)
    # A field that goes out of sight takes along those that hang on its value.
    while unseen := [each for each in fields if each.key in clean and not is_visible(each, like)]:
        for field in unseen:
            del clean[field.key]
        like = _like(obj, clean)
    shown = [field for field in fields if is_visible(field, like)]
    return AskedFields(
        fields=shown,
        values={**stored, **clean},
        wrong={field.key: wrong[field.key] for field in shown if field.key in wrong},
        needed=frozenset(
            field.key for field in shown if is_required(field, like, Required.OPENING)
        ),
    )


def judge_opening(actor: Actor, obj: models.Model, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is stored of something this one opens, by key; ``obj`` is what the form was about.

    Raises Missing for a field that is not theirs to fill in, Invalid naming every value that makes
    no sense and every needed one that is empty.
    """
    asked = ask(actor, obj, given)
    fillable = {field.key for field in list_fillable(actor, owner_of(obj).thing, is_opening=True)}
    if not set(given) <= fillable:
        raise Missing(_("There is no such field here."))
    wrong = dict(asked.wrong)
    for key in asked.needed:
        if asked.values.get(key) is None:
            wrong.setdefault(key, _("This is needed."))
    if wrong:
        names = [field.label_now() for field in asked.fields if field.key in wrong]
        words = _("Fill in first: %(names)s") % {"names": ", ".join(names)}
        raise Invalid(words, code="incomplete", fields=wrong)
    return {key: value for key, value in asked.values.items() if value is not None}


def keep_within_sight(
    obj: models.Model, fields: Mapping[str, Field], clean: Mapping[str, Any]
) -> None:
    """For who is no staff: values go into fields that the object shows with them, and what is
    needed is not emptied. Raises Missing and Invalid."""
    like, stored = _like(obj, clean), values_of(obj)
    for key, field in fields.items():
        _demand_offered(field, clean[key], stored.get(key))
        if clean[key] is not None and not is_visible(field, like):
            raise Missing(_("There is no such field here."))
        if clean[key] is None and is_required(field, like, Required.OPENING):
            told = _("This is needed.")
            raise Invalid(f"{field.label_now()}: {told}", fields={key: told})


def _demand_offered(field: Field, value: Any, stored: Any) -> None:
    """Options that are offered no more may stay, not be chosen anew."""
    if field.kind not in WITH_OPTIONS:
        return
    offered = {code for code, _words in field.option_choices()} | _codes(stored)
    if not _codes(value) <= offered:
        told = _("Choose from the list.")
        raise Invalid(f"{field.label_now()}: {told}", fields={field.key: told})


def _codes(value: Any) -> set[str]:
    return set() if value is None else set(value) if isinstance(value, list) else {value}


def _like(obj: models.Model, clean: Mapping[str, Any]) -> Any:
    like: Any = copy(obj)
    values = {**values_of(obj), **clean}
    like.custom = {key: value for key, value in values.items() if value is not None} or None
    return like
