"""Screening and blocked senders by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.channels.actions import block_sender, unblock_sender
from otklik.channels.models import BlockedSender
from otklik.channels.permissions import BLOCK
from otklik.channels.screening.lessons import count_letters
from otklik.channels.screening.settings import PREFIX
from otklik.channels.screening.words import LEAST
from otklik.core.access import Invalid
from otklik.core.db import write
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import PageQuery, Strict, actor_of, demand, get_row
from otklik.core.settings import get_many, list_declared, put

router = Router(tags=["screening"])

CHANGE_SETTINGS = "settings.change"
Name = Annotated[str, Field(max_length=253)]


class ScreeningOut(Schema):
    settings: dict[str, bool | list[str]] = Field(description="By name, without a prefix")
    spam_letters: int = Field(description="Learnt from: what agents called spam")
    other_letters: int
    is_judging: bool = Field(description="Whether enough is known to judge by words")


class ScreeningChange(Strict):
    settings: dict[Annotated[str, Field(max_length=60)], bool | list[Name]] = Field(
        description="Only what is given changes", max_length=50
    )


class BlockedOut(Schema):
    id: int
    pattern: str = Field(description="An address, or a domain with everything below it")
    note: str
    created_at: datetime


class BlockedPage(Schema):
    items: list[BlockedOut]
    next: str


class BlockedIn(Strict):
    pattern: Annotated[str, Field(min_length=3, max_length=320)]
    note: Annotated[str, Field(max_length=200)] = ""


@router.get("/screening", response=ScreeningOut, summary="What is asked and believed about senders")
def screening(request: HttpRequest) -> dict[str, Any]:
    demand(request, CHANGE_SETTINGS)
    return _show()


@router.patch("/screening", response=ScreeningOut, summary="Change it")
def change_screening(request: HttpRequest, data: ScreeningChange) -> dict[str, Any]:
    demand(request, CHANGE_SETTINGS)
    known = {one.key for one in list_declared() if one.key.startswith(PREFIX)}
    given = {f"{PREFIX}{name}": value for name, value in data.settings.items()}
    wrong = sorted(key.removeprefix(PREFIX) for key in given if key not in known)
    if wrong:
        raise Invalid(_("Some values make no sense."), fields=dict.fromkeys(wrong, "unknown"))
    with write():
        for key, value in given.items():
            put(actor_of(request), key, value)
    return _show()


@router.get("/blocked-senders", response=BlockedPage, summary="From whom nothing is taken")
def blocked(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    demand(request, BLOCK)
    return page_by_id(BlockedSender.objects.all(), _row, cursor=query.cursor, limit=query.limit)


@router.post("/blocked-senders", response={201: BlockedOut}, summary="Block an address or domain")
def block(request: HttpRequest, data: BlockedIn) -> Status[dict[str, Any]]:
    demand(request, BLOCK)
    return Status(201, _row(block_sender(actor_of(request), data.pattern, note=data.note)))


@router.delete("/blocked-senders/{int:pk}", response={204: None}, summary="Unblock")
def unblock(request: HttpRequest, pk: int) -> Status[None]:
    demand(request, BLOCK)
    unblock_sender(actor_of(request), get_row(BlockedSender.objects.all(), pk))
    return Status(204, None)


def _show() -> dict[str, Any]:
    declared = [one.key for one in list_declared() if one.key.startswith(PREFIX)]
    letters = count_letters()
    values = get_many(*declared)
    return {
        "settings": {key.removeprefix(PREFIX): values[key] for key in declared},
        "spam_letters": letters.spam,
        "other_letters": letters.other,
        "is_judging": min(letters.spam, letters.other) >= LEAST,
    }


def _row(row: BlockedSender) -> dict[str, Any]:
    return {
        "id": row.pk,
        "pattern": row.pattern,
        "note": row.note,
        "created_at": row.created_at,
    }
