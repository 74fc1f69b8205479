"""What every room's shapes begin with."""

from __future__ import annotations

from typing import Annotated, Any, TypeVar, cast

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Schema
from ninja.params.models import ParamModel
from pydantic import ConfigDict, Field

from otklik.core.access import Actor, Forbidden, Invalid, Missing

M = TypeVar("M", bound=Model)

# What validates and writes a shape is made when it is first asked for: of some nine hundred that
# the operations have a desk uses a few dozen. Every room's shapes come after this module.
Schema.model_config["defer_build"] = True
ParamModel.model_config["defer_build"] = True

# Ids are bigints; anything larger is nobody's, and no database's business.
MAX_ID = 2**63 - 1
Id = Annotated[int, Field(ge=1, le=MAX_ID)]
# {"ru": words}: who reads another language sees what is said beside it for all.
ByLanguage = Annotated[
    dict[Annotated[str, Field(max_length=10)], Annotated[str, Field(max_length=300)]],
    Field(max_length=20),
]


class Strict(Schema):
    """What comes in: a field nobody knows is refused, not ignored."""

    model_config = ConfigDict(extra="forbid")


class PageQuery(Strict):
    cursor: str = Field("", max_length=2048)
    limit: int = Field(50, ge=1, le=100)


def actor_of(request: HttpRequest) -> Actor:
    return cast(Actor, request.actor)  # type: ignore[attr-defined]


def demand(request: HttpRequest, permission: str) -> None:
    """Raises Forbidden."""
    if not actor_of(request).can(permission):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))


def get_row(rows: QuerySet[M], pk: int) -> M:
    """The row an address names. Raises Missing for none and for one out of sight."""
    found = rows.filter(pk=pk).first() if 0 < pk <= MAX_ID else None
    if found is None:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return found


def find_named(rows: QuerySet[M], pk: int | None, field: str) -> M | None:
    """A row a body names; None stays None. Raises Invalid naming the field."""
    if pk is None:
        return None
    found = rows.filter(pk=pk).first() if 0 < pk <= MAX_ID else None
    if found is None:
        raise Invalid(_("Some values make no sense."), fields={field: _("There is none.")})
    return found


def given(data: Schema, *without: str) -> dict[str, Any]:
    """What the body said, apart from nulls and the named fields."""
    said = data.dict(exclude_unset=True, exclude=set(without))
    return {name: value for name, value in said.items() if value is not None}
