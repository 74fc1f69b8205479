"""Accounts, deliveries and quarantine by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.channels.handling import as_handler, is_shown
from otklik.channels.models import Quarantined
from otklik.channels.quarantine import drop_quarantined, retry_quarantined
from otklik.channels.signatures import list_senders, signature_for
from otklik.core import files
from otklik.core.outbox.actions import confirm_uncertain, drop_delivery, retry_delivery
from otklik.core.outbox.models import Delivery
from otklik.core.outbox.permissions import HANDLE
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import Id, PageQuery, Strict, actor_of, demand, get_row
from otklik.desk.actions import activate_account, change_account, deactivate_account
from otklik.desk.models import Account
from otklik.people.models import Person
from otklik.tickets.permissions import REPLY
from otklik.tickets.rest.found import get_ticket

router = Router(tags=["channels"])


class AccountOut(Schema):
    id: int
    kind: str
    name: str
    address: str
    brand: int
    language: str
    is_active: bool
    last_received_at: datetime | None
    last_sent_at: datetime | None
    failing_since: datetime | None
    error: str


class AccountChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    is_active: bool | None = None


class RecipientOut(Schema):
    address: str
    status: str
    detail: str


class DeliveryOut(Schema):
    id: int
    kind: str
    account: int | None
    message: int | None = Field(description="The message it carries")
    status: str
    attempts: int
    error_kind: str
    error_text: str
    created_at: datetime
    next_attempt_at: datetime | None
    sent_at: datetime | None
    is_dead: bool
    recipients: list[RecipientOut]


class DeliveryPage(Schema):
    items: list[DeliveryOut]
    next: str


class DeliveryQuery(PageQuery):
    status: str = Field("", max_length=20)
    message: Id | None = None


class OutcomeIn(Strict):
    was_sent: bool


class QuarantinedOut(Schema):
    id: int
    channel: str
    account: int | None
    reason: str
    envelope_to: str
    envelope_from: str
    attempts: int
    reader_version: int | None = Field(description="The reader that gave up on it last")
    received_at: datetime
    size: int


class QuarantinedPage(Schema):
    items: list[QuarantinedOut]
    next: str


class IntakeOut(Schema):
    ticket: int | None
    message: int | None
    disposition: str
    reason: str


@router.get("/accounts", response=list[AccountOut], summary="Mailboxes and other accounts")
def accounts(request: HttpRequest) -> list[dict[str, Any]]:
    rows = Account.objects.visible_to(actor_of(request)).select_related("state")
    return [_show_account(row) for row in rows[:500]]


@router.get("/accounts/{int:pk}", response=AccountOut, summary="One account")
def account(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show_account(_account(request, pk))


@router.patch("/accounts/{int:pk}", response=AccountOut, summary="Change an account")
def alter_account(request: HttpRequest, pk: int, data: AccountChange) -> dict[str, Any]:
    actor, found = actor_of(request), _account(request, pk)
    given = data.dict(exclude_unset=True, exclude={"is_active"})
    changes = {name: value for name, value in given.items() if value is not None}
    if changes:
        change_account(actor, found, **changes)
    if data.is_active is not None:
        (activate_account if data.is_active else deactivate_account)(actor, found)
    return _show_account(_account(request, pk))


class SenderOut(Schema):
    account: int
    name: str
    address: str
    signature: str = Field(description="What stands below one's words, plain")
    is_usual: bool


@router.get(
    "/tickets/{int:number}/senders",
    response=list[SenderOut],
    summary="Mailboxes a reply may go through, with signatures",
)
def senders(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """The usual one first. `account` of `POST …/messages` chooses another."""
    ticket = get_ticket(request, number)
    demand(request, REPLY)
    author = Person.objects.filter(pk=actor_of(request).person_id or 0).first()
    return [
        {
            "account": account.pk,
            "name": str(account.config.get("sender_name") or account.brand.name),
            "address": account.address,
            "signature": signature_for(author, ticket, account, ticket.language),
            "is_usual": number == 0,
        }
        for number, account in enumerate(list_senders(ticket))
    ]


@router.get("/deliveries", response=DeliveryPage, summary="What was sent or waits")
def deliveries(request: HttpRequest, query: Query[DeliveryQuery]) -> dict[str, Any]:
    """All of them for who may handle them; for who sees a ticket, those of its ``message``."""
    if not is_shown(actor_of(request), query.message):
        demand(request, HANDLE)
    rows = Delivery.objects.prefetch_related("recipients")
    if query.status:
        rows = rows.filter(status=query.status)
    if query.message is not None:
        rows = rows.filter(kind="message", subject_id=query.message)
    return page_by_id(rows, _show_delivery, cursor=query.cursor, limit=query.limit)


@router.get("/deliveries/{int:pk}", response=DeliveryOut, summary="One delivery")
def delivery(request: HttpRequest, pk: int) -> dict[str, Any]:
    found = get_row(Delivery.objects.all(), pk)
    as_handler(actor_of(request), found)
    return _show_delivery(found)


@router.post("/deliveries/{int:pk}/retry", response=DeliveryOut, summary="Send it again")
def retry(request: HttpRequest, pk: int) -> dict[str, Any]:
    """Whoever may reply to a ticket may send its messages again."""
    found = get_row(Delivery.objects.all(), pk)
    return _show_delivery(retry_delivery(as_handler(actor_of(request), found), found))


@router.post("/deliveries/{int:pk}/cancellation", response=DeliveryOut, summary="Do not send it")
def cancel(request: HttpRequest, pk: int) -> dict[str, Any]:
    demand(request, HANDLE)
    found = get_row(Delivery.objects.all(), pk)
    return _show_delivery(drop_delivery(actor_of(request), found))


@router.post(
    "/deliveries/{int:pk}/outcome",
    response=DeliveryOut,
    summary="Say whether an uncertain one arrived",
)
def settle(request: HttpRequest, pk: int, data: OutcomeIn) -> dict[str, Any]:
    """Whoever may reply to a ticket may say it of its messages."""
    found = get_row(Delivery.objects.all(), pk)
    actor = as_handler(actor_of(request), found)
    return _show_delivery(confirm_uncertain(actor, found, data.was_sent))


@router.get("/quarantine", response=QuarantinedPage, summary="What nobody could read")
def quarantine(request: HttpRequest, query: Query[PageQuery]) -> dict[str, Any]:
    demand(request, HANDLE)
    rows = Quarantined.objects.filter(resolved_at__isnull=True).select_related("raw")
    return page_by_id(rows, _show_quarantined, cursor=query.cursor, limit=query.limit)


@router.get("/quarantine/{int:pk}/raw", response={200: str}, summary="The raw original")
def quarantine_raw(request: HttpRequest, pk: int) -> HttpResponse:
    row = _quarantined(request, pk)
    with files.open_blob(row.raw) as stream:
        response = HttpResponse(stream.read(), content_type="application/octet-stream")
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Disposition"] = f'attachment; filename="quarantined-{pk}.eml"'
    return response


@router.post("/quarantine/{int:pk}/retry", response=IntakeOut, summary="Read it again")
def quarantine_retry(request: HttpRequest, pk: int) -> dict[str, Any]:
    return retry_quarantined(actor_of(request), _quarantined(request, pk)).as_dict()


@router.delete("/quarantine/{int:pk}", response={204: None}, summary="Drop it")
def quarantine_drop(request: HttpRequest, pk: int) -> Status[None]:
    drop_quarantined(actor_of(request), _quarantined(request, pk))
    return Status(204, None)


def _account(request: HttpRequest, pk: int) -> Account:
    rows = Account.objects.visible_to(actor_of(request)).select_related("state")
    return get_row(rows, pk)


def _quarantined(request: HttpRequest, pk: int) -> Quarantined:
    demand(request, HANDLE)
    rows = Quarantined.objects.filter(resolved_at__isnull=True).select_related("raw", "account")
    return get_row(rows, pk)


def _show_account(row: Account) -> dict[str, Any]:
    state = getattr(row, "state", None)
    return {
        "id": row.pk,
        "kind": row.kind,
        "name": row.name,
        "address": row.address,
        "brand": row.brand_id,
        "language": row.language,
        "is_active": row.is_active,
        "last_received_at": state.last_received_at if state else None,
        "last_sent_at": state.last_sent_at if state else None,
        "failing_since": state.failing_since if state else None,
        "error": state.error if state else "",
    }


def _show_delivery(row: Delivery) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind,
        "account": row.account_id,
        "message": row.subject_id if row.kind == "message" else None,
        "status": row.status,
        "attempts": row.attempts,
        "error_kind": row.error_kind,
        "error_text": row.error_text,
        "created_at": row.created_at,
        "next_attempt_at": row.next_attempt_at,
        "sent_at": row.sent_at,
        "is_dead": row.dead_at is not None,
        "recipients": [
            {"address": each.address, "status": each.status, "detail": each.detail}
            for each in row.recipients.all()
        ],
    }


def _show_quarantined(row: Quarantined) -> dict[str, Any]:
    return {
        "id": row.pk,
        "channel": row.channel,
        "account": row.account_id,
        "reason": row.reason,
        "envelope_to": row.envelope_to,
        "envelope_from": row.envelope_from,
        "attempts": row.attempts,
        "reader_version": row.reader_version,
        "received_at": row.received_at,
        "size": row.raw.size,
    }
