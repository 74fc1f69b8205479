"""The outgoing tray by REST: what a demo without a mail server would have sent."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from otklik.core import files
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import PageQuery, demand, get_row
from otklik.desk.permissions import MANAGE_ACCOUNTS

from .models import TrayLetter

router = Router(tags=["mailboxes"])


class TrayLetterOut(Schema):
    id: int
    mailbox: int | None
    recipients: list[str]
    subject: str
    size: int = Field(description="Bytes of the whole letter")
    created_at: datetime


class TrayPage(Schema):
    items: list[TrayLetterOut]
    next: str


@router.get("/tray", response=TrayPage, summary="Letters a demo would have sent")
def tray(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    """Newest first."""
    demand(request, MANAGE_ACCOUNTS)
    rows = TrayLetter.objects.select_related("raw")
    return page_by_id(rows, _show, cursor=query.cursor, limit=query.limit)


@router.get("/tray/{int:pk}/raw", response={200: str}, summary="One of them as it would have left")
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    demand(request, MANAGE_ACCOUNTS)
    row = get_row(TrayLetter.objects.select_related("raw"), pk)
    with files.open_blob(row.raw) as stream:
        response = HttpResponse(stream.read(), content_type="application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = f'attachment; filename="letter-{row.pk}.eml"'
    return response


def _show(row: TrayLetter) -> dict[str, Any]:
    return {
        "id": row.pk,
        "mailbox": row.account_id,
        "recipients": list(row.recipients),
        "subject": row.subject,
        "size": row.raw.size,
        "created_at": row.created_at,
    }
