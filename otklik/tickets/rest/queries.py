"""`/query`: the language of lists as a program sees it, there and back."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema
from pydantic import Field

from otklik.core.access import Forbidden
from otklik.core.rest.shapes import Strict, actor_of
from otklik.core.vocabulary import list_conditions, read_match
from otklik.core.vocabulary.language import (
    Names,
    Query,
    complete,
    list_gone,
    read_query,
    spell_query,
)
from otklik.core.vocabulary.language.names import names_of
from otklik.core.vocabulary.matching import canonical
from otklik.people.policy import can_see_people

router = Router(tags=["tickets"])
Text = Annotated[str, Field(max_length=1000)]
Language = Annotated[str, Field(pattern="^(en|ru)$")]
Of = Literal["ticket", "person", "organisation"]


class QueryIn(Strict):
    """``text``, or else ``match`` and ``words``."""

    text: Text | None = None
    match: dict[str, Any] | None = Field(
        None, description='{"all": [{"condition", "operator", "value"}], "any": […]}'
    )
    words: Annotated[str, Field(max_length=300)] = ""
    language: Language = "en"
    of: Of = Field("ticket", description="What is asked about; people and organisations: segments")


class QueryOut(Schema):
    text: str = Field(description="In its canonical form, in the language asked for")
    match: dict[str, Any]
    words: str = Field(description="What goes to the full-text search")
    gone: list[str] = Field(description="What the query names and nobody offers any more")


class OperatorOut(Schema):
    code: str
    label: str
    takes_value: bool


class ConditionOut(Schema):
    name: str
    label: str
    type: str
    names: list[str] = Field(description="What it is called in queries")
    operators: list[OperatorOut]
    choices: list[dict[str, Any]]


class CompletionOut(Schema):
    text: str
    label: str
    start: int
    end: int


@router.post("/query", response=QueryOut, summary="Read a query, or spell one")
def query(request: HttpRequest, data: QueryIn) -> dict[str, Any]:
    """Changes nothing. A query that makes no sense answers 422 with what was meant perhaps."""
    _demand(request, data.of)
    if data.text is not None:
        found = read_query(data.of, data.text)
    else:
        match = canonical(read_match(data.of, data.match or {}))
        found = Query(match, read_query(data.of, data.words).words)
    gone = list_gone(data.of, found)
    return {
        "text": spell_query(data.of, found, data.language),
        "match": found.match.as_json(),
        "words": found.words,
        "gone": [f"{condition.name} #{value}" for condition, value in gone],
    }


@router.get("/query/conditions", response=list[ConditionOut], summary="What can be asked")
def conditions(
    request: HttpRequest, language: Language = "en", of: Of = "ticket"
) -> list[dict[str, Any]]:
    _demand(request, of)
    names = Names(of)
    return [
        {
            "name": one.name,
            "label": str(one.label),
            "type": one.value_type.value,
            "names": list(names_of(one)),
            "operators": [
                {"code": each.code, "label": str(each.label), "takes_value": each.takes_value}
                for each in one.operators
            ],
            "choices": [
                {"value": value, "label": label} for value, label in names.labels(one, language)
            ],
        }
        for one in list_conditions(of)
    ]


@router.get("/query/completions", response=list[CompletionOut], summary="What could come next")
def completions(
    request: HttpRequest, text: Text, at: int | None = None, of: Of = "ticket"
) -> list[dict[str, Any]]:
    _demand(request, of)
    found = complete(of, text, len(text) if at is None else at)
    return [
        {"text": one.text, "label": one.label, "start": one.start, "end": one.end} for one in found
    ]


def _demand(request: HttpRequest, of: Of) -> None:
    actor = actor_of(request)
    if not actor.is_staff or (of != "ticket" and not can_see_people(actor)):
        raise Forbidden(_("Only staff may do this."))
