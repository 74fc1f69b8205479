"""Custom fields on screens: how a value stands in a form and how it is read from one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from typing import Any

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django.utils.translation import get_language

from otklik.core.access import Actor, Conflict, Invalid
from otklik.core.fields.actions import change_fields
from otklik.core.fields.kinds import clean_value
from otklik.core.fields.models import Field, FieldKind
from otklik.core.fields.owners import owner_of
from otklik.core.fields.queries import Shown, list_fields, list_shown, may_edit
from otklik.people import policy
from otklik.tickets.models import Ticket
from otklik.tickets.queries.merged_values import MergedValue, list_merged_values

PREFIX = "field-"


@dataclass(frozen=True, slots=True)
class Control:
    """One field with the value as forms carry it; ``merged`` is what tickets merged into this one
    say instead."""

    shown: Shown
    was: str
    chosen: frozenset[str]
    merged: list[MergedValue] = dataclass_field(default_factory=list)


def controls_of(actor: Actor, obj: Any) -> list[Control]:
    language = (get_language() or "").partition("-")[0]
    shown = list_shown(actor, obj, language)
    merged: dict[str, list[MergedValue]] = {}
    if isinstance(obj, Ticket):
        merged = list_merged_values(obj, [each.field for each in shown])
    return [_control(each, merged.get(each.field.key, [])) for each in shown]


def values_context(actor: Actor, owner: Any) -> dict[str, Any]:
    """What the part with custom fields takes on a page of its own."""
    base = "people" if owner._meta.model_name == "person" else "organisations"
    return {
        "controls": controls_of(actor, owner),
        "values_url": f"/{base}/{owner.pk}/fields/",
        "may_fill": policy.can_change_people(actor),
    }


def change_value(request: HttpRequest, actor: Actor, obj: Any, key: str) -> None:
    """One field from a form: ``value`` (several for a multi) and ``was``, as `encode` spells it.

    Raises Conflict with the present value as forms carry it, and what `change_fields` raises.
    """
    thing = owner_of(obj).thing
    field = get_object_or_404(Field, key=key, thing=thing, archived_at=None)
    given = read_value(field, request.POST, "value")
    was = request.POST.get("was")
    seen: dict[str, Any] = {}
    if was is not None:
        try:
            seen = {key: clean_value(actor, field, _decode(field, was))}
        except Invalid:
            seen = {key: was}  # it cannot be stored, so it is not what stands there
    try:
        change_fields(actor, obj, {key: given}, was=seen)
    except Conflict as crossing:
        theirs = {name: encode(value) for name, value in crossing.fields.items()}
        raise Conflict(crossing.message, fields=theirs) from None


def read_value(field: Field, given: QueryDict, name: str) -> Any:
    if field.kind == FieldKind.MULTI:
        return [code for code in given.getlist(name) if code]
    return given.get(name, "")


def encode(value: Any) -> str:
    """As a hidden field holds it."""
    if value is None:
        return ""
    return ",".join(value) if isinstance(value, list) else str(value)


def new_ticket_like(form: Mapping[str, Any], values: Mapping[str, Any]) -> Ticket:
    """A ticket as a form describes it, not saved: what fields' conditions are asked of."""
    ticket = Ticket(kind=form.get("kind") or "question", priority=form.get("priority") or 20)
    for name in ("category", "team", "assignee"):
        setattr(ticket, f"{name}_id", form.get(name))
    ticket.custom = dict(values) or None
    return ticket


def read_new_values(actor: Actor, given: QueryDict) -> tuple[dict[str, Any], dict[str, str]]:
    """The cleaned values of a new ticket by key, and what is wrong with the others."""
    values: dict[str, Any] = {}
    wrong: dict[str, str] = {}
    for field in list_fields("ticket"):
        name = f"{PREFIX}{field.key}"
        if name not in given or not may_edit(actor, field):
            continue
        try:
            found = clean_value(actor, field, read_value(field, given, name))
        except Invalid as refused:
            wrong[field.key] = str(refused)
        else:
            if found is not None:
                values[field.key] = found
    return values, wrong


def _control(shown: Shown, merged: list[MergedValue]) -> Control:
    value = shown.value
    chosen = frozenset(value if isinstance(value, list) else [encode(value)])
    return Control(shown, encode(value), chosen, merged)


def _decode(field: Field, was: str) -> Any:
    return [code for code in was.split(",") if code] if field.kind == FieldKind.MULTI else was
