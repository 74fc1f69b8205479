"""Values of custom fields of people and organisations."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import get_language
from ninja import Router, Schema
from pydantic import Field

from otklik.core.access import Actor
from otklik.core.fields.actions import change_fields
from otklik.core.fields.queries import list_shown
from otklik.core.rest.shapes import Strict, actor_of, get_row
from otklik.people.models import Organisation, Person

router = Router(tags=["fields"])

Key = Annotated[str, Field(max_length=40)]
Values = Annotated[dict[Key, Any], Field(max_length=100)]


class ValuesIn(Strict):
    values: Values = Field(description="By key; null empties")
    was: Values | None = Field(None, description="What was seen: refuses a crossing change")


class ChoiceOut(Schema):
    code: str
    words: str


class ValueOut(Schema):
    key: str
    label: str
    hint: str
    kind: str
    choices: list[ChoiceOut] = Field(description="What a choice or a multi may be")
    value: Any = Field(None, description="As its kind has it: a text, number, code, codes, id …")
    words: str = Field(description="As a person reads it")
    is_needed: bool = Field(description="Empty, and wanted before the next step")
    may_edit: bool


@router.get("/people/{int:pk}/fields", response=list[ValueOut], summary="Fields of a person")
def person_values(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    return show_values(actor_of(request), get_row(_people(request), pk))


@router.patch("/people/{int:pk}/fields", response=list[ValueOut], summary="Fill in a person's")
def change_person_values(request: HttpRequest, pk: int, data: ValuesIn) -> list[dict[str, Any]]:
    actor, person = actor_of(request), get_row(_people(request), pk)
    return show_values(actor, change_fields(actor, person, data.values, was=data.was))


@router.get(
    "/organisations/{int:pk}/fields", response=list[ValueOut], summary="Fields of an organisation"
)
def organisation_values(request: HttpRequest, pk: int) -> list[dict[str, Any]]:
    return show_values(actor_of(request), get_row(_organisations(request), pk))


@router.patch(
    "/organisations/{int:pk}/fields", response=list[ValueOut], summary="Fill in an organisation's"
)
def change_organisation_values(
    request: HttpRequest, pk: int, data: ValuesIn
) -> list[dict[str, Any]]:
    actor, found = actor_of(request), get_row(_organisations(request), pk)
    return show_values(actor, change_fields(actor, found, data.values, was=data.was))


def language_of(actor: Actor) -> str:
    """Their own, else the one the program asks for in `Accept-Language`."""
    return actor.language or (get_language() or "").partition("-")[0]


def show_values(actor: Actor, owner: Any) -> list[dict[str, Any]]:
    language = language_of(actor)
    return [
        {
            "key": each.field.key,
            "label": each.label,
            "hint": each.field.hint_in(language),
            "kind": each.field.kind,
            "choices": choices_out(each.choices),
            "value": each.value,
            "words": each.words,
            "is_needed": each.is_needed,
            "may_edit": each.may_edit,
        }
        for each in list_shown(actor, owner, language)
    ]


def choices_out(choices: list[tuple[str, str]]) -> list[dict[str, str]]:
    return [{"code": code, "words": words} for code, words in choices]


def _people(request: HttpRequest) -> Any:
    return Person.objects.visible_to(actor_of(request))


def _organisations(request: HttpRequest) -> Any:
    return Organisation.objects.visible_to(actor_of(request))
