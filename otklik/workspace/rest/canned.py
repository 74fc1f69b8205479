"""`/canned-replies` and a ticket's `/canned-replies`: writing them, finding one, filling it in."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import (
    ByLanguage,
    Id,
    PageQuery,
    Strict,
    actor_of,
    find_named,
    get_row,
    given,
)
from otklik.people.models import Team
from otklik.tickets.rest.found import get_ticket
from otklik.workspace.actions import (
    change_canned_reply,
    create_canned_reply,
    may_change_canned,
    remove_canned_reply,
)
from otklik.workspace.canned import fill_canned, find_canned, insert_canned, prepare_texts
from otklik.workspace.canned.writing import LONGEST, MOST_FILES, MOST_TAGS
from otklik.workspace.models import CannedReply, Scope

router = Router(tags=["canned replies"])

ScopeName = Literal["personal", "team", "shared"]
Language = Annotated[str, Field(min_length=2, max_length=10)]
Html = Annotated[str, Field(max_length=LONGEST)]
Tag = Annotated[str, Field(max_length=200)]
Token = Annotated[str, Field(max_length=40)]


class CannedFileOut(Schema):
    token: str
    name: str
    size: int
    content_type: str
    is_inline: bool


class CannedOut(Schema):
    id: int
    name: str
    scope: ScopeName
    team: int | None
    hint: str = Field(description="When to use it")
    hints: ByLanguage = Field(description="By language; where none is, `hint`")
    tags: list[str]
    texts: dict[str, str] = Field(description="Language → HTML with placeholders")
    files: list[CannedFileOut]
    uses: int
    last_used_at: datetime | None
    may_change: bool
    version: int


class CannedPage(Schema):
    items: list[CannedOut]
    next: str


class CannedIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)]
    scope: ScopeName = "personal"
    team: Id | None = None
    hint: Annotated[str, Field(max_length=300)] = ""
    hints: ByLanguage = {}
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] = []
    texts: dict[Language, Html] = Field(description="Language → HTML with placeholders")
    uploads: Annotated[list[Token], Field(max_length=MOST_FILES)] = Field(
        [], description="Tokens of `POST /uploads`"
    )


class CannedChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    scope: ScopeName | None = None
    team: Id | None = None
    hint: Annotated[str, Field(max_length=300)] | None = None
    hints: ByLanguage | None = None
    tags: Annotated[list[Tag], Field(max_length=MOST_TAGS)] | None = None
    texts: dict[Language, Html] | None = Field(None, description="All of them: others go")
    uploads: Annotated[list[Token], Field(max_length=MOST_FILES)] = []
    keep_files: Annotated[list[Token], Field(max_length=MOST_FILES)] | None = Field(
        None, description="Files it keeps, with `texts`; left out: all"
    )
    version: int | None = Field(None, description="As read: a change in between is a conflict")


class CannedQuery(PageQuery):
    q: str = Field("", max_length=200, description="Words of its name, tags or text")
    scope: ScopeName | None = None


class PickQuery(Strict):
    q: str = Field("", max_length=200)
    limit: int = Field(12, ge=1, le=50)


class OfferedOut(Schema):
    id: int
    name: str
    scope: ScopeName
    hint: str
    tags: list[str]
    language: str
    preview: str = Field(description="Filled in for this ticket, plain, its beginning")
    files: int


class InsertionIn(Strict):
    language: Annotated[str, Field(max_length=10)] = Field("", description="Empty: the ticket's")


class InsertionOut(Schema):
    html: str
    text: str
    language: str
    empty: list[str] = Field(description="Placeholders nothing was known for, marked in the text")
    uploads: list[str] = Field(description="Files that came along, for `uploads` of the message")


@router.get("/canned-replies", response=CannedPage, summary="Canned replies")
def list_canned(request: HttpRequest, query: Query[CannedQuery]) -> dict[str, Any]:
    """One's own, one's teams' and those for everybody; newest first."""
    _demand_staff(request)
    actor = actor_of(request)
    rows = find_canned(actor, query.q, scope=query.scope or "", limit=None).order_by()
    return page_by_id(rows, lambda row: _show(request, row), cursor=query.cursor, limit=query.limit)


@router.post("/canned-replies", response={201: CannedOut}, summary="Write a canned reply")
def create(request: HttpRequest, data: CannedIn) -> Status[dict[str, Any]]:
    _demand_staff(request)
    actor = actor_of(request)
    words = prepare_texts(actor, data.texts, uploads=data.uploads)
    row = create_canned_reply(
        actor,
        name=data.name,
        words=words,
        scope=data.scope,
        team=find_named(Team.objects.all(), data.team, "team"),
        hint=data.hint,
        hints=data.hints,
        tags=data.tags,
    )
    return Status(201, _show(request, _get(request, row.pk)))


@router.get("/canned-replies/{int:pk}", response=CannedOut, summary="One canned reply")
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show(request, _get(request, pk))


@router.patch("/canned-replies/{int:pk}", response=CannedOut, summary="Change a canned reply")
def change(request: HttpRequest, pk: int, data: CannedChange) -> dict[str, Any]:
    actor, row = actor_of(request), _get(request, pk)
    changes = given(data, "texts", "uploads", "keep_files", "version", "team")
    if data.team is not None:
        changes["team"] = find_named(Team.objects.all(), data.team, "team")
        changes.setdefault("scope", row.scope)
    words = None
    if data.texts is not None or data.uploads or data.keep_files is not None:
        texts = data.texts
        if texts is None:
            texts = {text.language: text.html for text in row.texts.all()}
        kept = data.keep_files
        if kept is None:
            kept = [file.token for file in row.files.all()]
        words = prepare_texts(actor, texts, uploads=data.uploads, kept=kept, of=row)
    change_canned_reply(actor, row, version=data.version, words=words, **changes)
    return _show(request, _get(request, pk))


@router.delete("/canned-replies/{int:pk}", response={204: None}, summary="Offer it no more")
def remove(request: HttpRequest, pk: int) -> Status[None]:
    remove_canned_reply(actor_of(request), _get(request, pk))
    return Status(204, None)


@router.get(
    "/tickets/{int:number}/canned-replies",
    response=list[OfferedOut],
    summary="Canned replies for a ticket, filled in",
)
def offer(request: HttpRequest, number: int, query: Query[PickQuery]) -> list[dict[str, Any]]:
    """Best first: by name, then tag, then text; among equals what is used most."""
    _demand_staff(request)
    actor, ticket = actor_of(request), get_ticket(request, number)
    offered = []
    for row in find_canned(actor, query.q, limit=query.limit):
        filled = fill_canned(actor, row, ticket)
        offered.append(
            {
                "id": row.pk,
                "name": row.name,
                "scope": row.scope,
                "hint": row.hint_now(),
                "tags": row.tags,
                "language": filled.language,
                "preview": filled.preview,
                "files": len([file for file in row.files.all() if not file.is_inline]),
            }
        )
    return offered


@router.post(
    "/tickets/{int:number}/canned-replies/{int:pk}/insertion",
    response=InsertionOut,
    summary="Fill in a canned reply for a message",
)
def insertion(request: HttpRequest, number: int, pk: int, data: InsertionIn) -> dict[str, Any]:
    """Counts the use; its files become uploads of one's own for a day."""
    ticket = get_ticket(request, number)
    filled = insert_canned(actor_of(request), _get(request, pk), ticket, language=data.language)
    return {
        "html": filled.html,
        "text": filled.text,
        "language": filled.language,
        "empty": list(filled.empty),
        "uploads": [upload.token for upload in filled.uploads],
    }


def _get(request: HttpRequest, pk: int) -> CannedReply:
    rows = CannedReply.objects.visible_to(actor_of(request)).active()
    return get_row(rows.select_related("team").prefetch_related("texts", "files"), pk)


def _demand_staff(request: HttpRequest) -> None:
    if not actor_of(request).is_staff:
        raise Missing(_("There is no such thing, or it is not yours to see."))


def _show(request: HttpRequest, row: CannedReply) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "scope": Scope(row.scope).value,
        "team": row.team_id,
        "hint": row.hint,
        "hints": row.hints or {},
        "tags": row.tags,
        "texts": {text.language: text.html for text in row.texts.all()},
        "files": [
            {
                "token": file.token,
                "name": file.name,
                "size": file.size,
                "content_type": file.content_type,
                "is_inline": file.is_inline,
            }
            for file in row.files.all()
        ],
        "uses": row.uses,
        "last_used_at": row.last_used_at,
        "may_change": may_change_canned(actor_of(request), row),
        "version": row.version,
    }
