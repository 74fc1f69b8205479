"""The desk's mail keys by REST. Private parts and passphrases go in and never come out."""

from __future__ import annotations

from base64 import b64decode
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Invalid
from otklik.core.rest.shapes import Strict, actor_of, demand, get_row
from otklik.desk.permissions import MANAGE_ACCOUNTS

from .protection.actions import import_keys, remove_key
from .protection.keys import MAX_FILE
from .protection.rows import DeskKey

router = Router(tags=["mail keys"])


class MailKeyOut(Schema):
    id: int
    kind: str = Field(description="smime or openpgp")
    name: str
    addresses: list[str]
    fingerprint: str
    has_private: bool
    is_authority: bool
    expires_at: datetime | None
    imported_at: datetime


class MailKeyIn(Strict):
    content: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_FILE * 2,
            description="The key file: armoured text, or its bytes in base64",
        ),
    ]
    passphrase: Annotated[str, Field(max_length=500)] = ""


@router.get("/mail-keys", response=list[MailKeyOut], summary="Keys for signed and encrypted mail")
def keys(request: HttpRequest) -> list[dict[str, Any]]:
    demand(request, MANAGE_ACCOUNTS)
    return [_show(row) for row in DeskKey.objects.order_by("name", "id")[:500]]


@router.post("/mail-keys", response={201: list[MailKeyOut]}, summary="Import a key file")
def add(request: HttpRequest, data: MailKeyIn) -> Status[list[dict[str, Any]]]:
    content = data.content.encode()
    if b"-----BEGIN" not in content:
        try:
            content = b64decode(data.content, validate=True)
        except ValueError:
            words = _("This is neither armoured text nor base64.")
            raise Invalid(words, fields={"content": words}) from None
    rows = import_keys(actor_of(request), content, passphrase=data.passphrase)
    return Status(201, [_show(row) for row in rows])


@router.delete("/mail-keys/{int:pk}", response={204: None}, summary="Remove a key")
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    demand(request, MANAGE_ACCOUNTS)
    remove_key(actor_of(request), get_row(DeskKey.objects.all(), pk))
    return HttpResponse(status=204)


def _show(row: DeskKey) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "addresses": list(row.addresses),
        "fingerprint": row.fingerprint,
        "has_private": row.has_private,
        "is_authority": row.is_authority,
        "expires_at": row.expires_at,
        "imported_at": row.imported_at,
    }
