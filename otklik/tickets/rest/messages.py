"""`/tickets/{number}/messages`, `/messages/{id}`, files, drafts, participants, history."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from django.http import HttpRequest, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from ninja import File, Form, Query, Router, Status
from ninja.files import UploadedFile
from pydantic import Field

from otklik.core import files
from otklik.core.access import Invalid, Missing
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.files import FileTooLarge
from otklik.core.rest.along import answer_along, goes_along, writes_once
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import MAX_ID, Id, PageQuery, Strict, actor_of, demand, find_named
from otklik.core.settings import config
from otklik.desk.models import Account
from otklik.tickets import permissions
from otklik.tickets.actions import (
    add_upload,
    confirm_participant,
    drop_draft,
    drop_upload,
    invite_participant,
    remove_participant,
    save_draft,
)
from otklik.tickets.homes import home_of, main_thread, messages_for
from otklik.tickets.later_events import without_others
from otklik.tickets.models import Attachment, Draft, Message, Participant, Ticket, WaitingReply
from otklik.tickets.queries import propose_recipients
from otklik.tickets.rest.found import get_message, get_ticket
from otklik.tickets.rest.keeping import (
    Addresses,
    MessageIn,
    Text,
    has_to_wait,
    keep_reply,
    words_in,
    write_now,
)
from otklik.tickets.rest.shapes import (
    EventPage,
    MessageOut,
    MessagePage,
    UploadOut,
    show_message,
    show_upload,
)
from otklik.tickets.rest.waiting import WaitingOut, show_waiting
from otklik.tickets.uploading import demand_room

router = Router(tags=["messages"])


DraftKind = Literal["public", "note", "side"]


class DraftIn(Strict):
    kind: DraftKind = "public"
    html: Text = ""
    recipients: dict[Literal["to", "cc", "bcc"], Addresses] = {}
    account: Id | None = Field(None, description="The mailbox; left out: the talk's own")
    thread: Id | None = Field(None, description="Of `side`: which one; left out: a new one")
    subject: Annotated[str, Field(max_length=300)] = Field("", description="Of a new `side`")
    uploads: list[str] = Field([], max_length=50)
    seen_message_id: int = Field(0, ge=0, le=MAX_ID)
    version: int | None = None


class DraftOut(Strict):
    kind: str
    html: str
    recipients: dict[str, Any]
    uploads: list[str]
    version: int


class ParticipantIn(Strict):
    address: Annotated[str, Field(min_length=3, max_length=320)]


class RecipientsOut(Strict):
    to: list[str]
    cc: list[str]
    held_back: list[str] = Field(description="Named on letters, not written to until let in")
    reply_to: list[str] = Field(description="Where the last letter wants answers; not let in")


class ParticipantOut(Strict):
    id: int
    person: int
    name: str
    address: str
    role: str
    is_confirmed: bool


@router.get(
    "/tickets/{int:number}/messages", response=MessagePage, by_alias=True, summary="The talk"
)
@for_everybody
def list_messages(request: HttpRequest, number: int, query: Query[PageQuery]) -> dict[str, Any]:
    """Oldest first. Notes and what strangers wrote are for staff."""
    ticket = get_ticket(request, number)
    actor = actor_of(request)
    rows = messages_for(actor, ticket).select_related("body", "author", "author_identity")
    return page_by_id(
        rows.prefetch_related("attachments__blob"),
        lambda row: show_message(row, ticket.number, for_staff=actor.is_staff),
        cursor=query.cursor,
        limit=query.limit,
        is_descending=False,
    )


@router.post(
    "/tickets/{int:number}/messages",
    response={201: MessageOut, 202: WaitingOut},
    by_alias=True,
    summary="Reply or write a note",
)
@writes_once
def write_message(
    request: HttpRequest, number: int, data: MessageIn
) -> Status[dict[str, Any]] | HttpResponse:
    """201: it was sent. 202: it waits, for its time, to be undone, or for a trainee's mentor."""
    ticket = get_ticket(request, number)
    # Before the addresses are looked up: looking up an unknown one writes it down.
    demand(request, permissions.NOTE if data.kind == "note" else permissions.REPLY)
    account = find_named(Account.objects.active(), data.account, "account")
    actor, key = actor_of(request), request.client_key  # type: ignore[attr-defined]
    waits = has_to_wait(actor, ticket, data)
    words = words_in(actor, data, waits=waits)
    with write():
        if waits:
            made: Message | WaitingReply = keep_reply(actor, ticket, data, words, key)
        else:
            made = write_now(actor, ticket, data, words, account, key)
        if goes_along(request):
            shape = MessageOut if isinstance(made, Message) else WaitingOut
            return answer_along(request, shape, lambda: _answer(request, made), by_alias=True)
    return Status(*_answer(request, made))


def _answer(request: HttpRequest, made: Message | WaitingReply) -> tuple[int, dict[str, Any]]:
    if isinstance(made, WaitingReply):
        return 202, show_waiting(actor_of(request), made)
    return 201, _shown(request, made.pk)


@router.get("/messages/{int:pk}", response=MessageOut, by_alias=True, summary="One message")
@for_everybody
def get(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _shown(request, pk)


@router.get("/messages/{int:pk}/raw", response={200: str}, summary="The raw original")
def raw(request: HttpRequest, pk: int) -> HttpResponse:
    """As it came, `message/rfc822`; for staff."""
    message = get_message(request, pk)
    if not actor_of(request).is_staff or message.body.raw is None:
        raise Missing(_("There is no raw original of this message."))
    with files.open_blob(message.body.raw) as stream:
        return _download(stream.read(), "message/rfc822", f"message-{pk}.eml")


@router.get("/attachments/{token}", response={200: str}, summary="A file's content")
@for_everybody
def attachment(request: HttpRequest, token: str) -> HttpResponse:
    actor = actor_of(request)
    rows = Attachment.objects.select_related("blob").filter(
        token=token, message__ticket__in=Ticket.objects.visible_to(actor)
    )
    if not actor.is_staff:
        rows = rows.filter(message__kind="public", message__is_hidden=False).exclude(
            message__thread__audience="staff"
        )
    row = rows.first()
    if row is None:
        raise Missing(_("There is no such file, or it is not yours to see."))
    with files.open_blob(row.blob) as stream:
        return _download(stream.read(), row.content_type, row.name)


@router.post("/uploads", response={201: UploadOut}, summary="Add a file for a message")
@for_everybody
def upload(
    request: HttpRequest, file: File[UploadedFile], is_inline: Form[bool] = False
) -> Status[dict[str, Any]]:
    """Use its token within a day, in a message, or as a customer in a request."""
    demand_room(actor_of(request))
    try:
        blob = files.store_blob(file.chunks(), max_size=config().max_upload)
    except FileTooLarge as error:
        raise Invalid(_("This file is too large."), fields={"file": str(error)}) from error
    row = add_upload(
        actor_of(request),
        blob,
        name=file.name or "file",
        content_type=file.content_type or "application/octet-stream",
        is_inline=is_inline,
    )
    return Status(201, show_upload(row))


@router.delete("/uploads/{token}", response={204: None}, summary="Forget a file not sent")
@for_everybody
def forget_upload(request: HttpRequest, token: str) -> Status[None]:
    drop_upload(actor_of(request), token)
    return Status(204, None)


@router.get("/tickets/{int:number}/draft", response=DraftOut, summary="One's draft")
def get_draft(request: HttpRequest, number: int, kind: DraftKind = "public") -> Draft:
    ticket = get_ticket(request, number)
    actor = actor_of(request)
    found = Draft.objects.filter(ticket=ticket, author_id=actor.person_id, kind=kind).first()
    if found is None:
        raise Missing(_("There is no draft."))
    return found


@router.put("/tickets/{int:number}/draft", response=DraftOut, summary="Save one's draft")
def put_draft(request: HttpRequest, number: int, data: DraftIn) -> Draft:
    recipients: dict[str, Any] = {str(name): found for name, found in data.recipients.items()}
    if data.account is not None:
        recipients["account"] = data.account
    if data.kind == "side":
        recipients |= {"thread": data.thread, "subject": data.subject}
    return save_draft(
        actor_of(request),
        get_ticket(request, number),
        kind=data.kind,
        html=data.html,
        recipients=recipients,
        uploads=data.uploads,
        seen_message_id=data.seen_message_id,
        version=data.version,
    )


@router.delete("/tickets/{int:number}/draft", response={204: None}, summary="Drop one's draft")
def delete_draft(request: HttpRequest, number: int, kind: DraftKind = "public") -> Status[None]:
    drop_draft(actor_of(request), get_ticket(request, number), kind)
    return Status(204, None)


@router.get(
    "/tickets/{int:number}/participants", response=list[ParticipantOut], summary="Who takes part"
)
@for_everybody
def participants(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    ticket = get_ticket(request, number)
    if actor_of(request).is_staff:
        rows = Participant.objects.filter(thread__ticket=ticket)
    else:  # of what was merged, those of their own talk
        rows = Participant.objects.filter(thread=main_thread(ticket))
    rows = rows.select_related("identity__person")
    if not actor_of(request).is_staff:
        rows = rows.filter(is_confirmed=True).exclude(thread__audience="staff")
    return [_show_participant(row) for row in rows.order_by("id")[:200]]


@router.post(
    "/tickets/{int:number}/participants/{int:pk}/confirmation",
    response=ParticipantOut,
    summary="Let somebody in",
)
def confirm(request: HttpRequest, number: int, pk: int) -> dict[str, Any]:
    ticket = get_ticket(request, number)
    return _show_participant(confirm_participant(actor_of(request), _participant(ticket, pk)))


@router.post(
    "/tickets/{int:number}/participants",
    response={201: ParticipantOut},
    summary="Have somebody take part",
)
def invite(request: HttpRequest, number: int, data: ParticipantIn) -> Status[dict[str, Any]]:
    """Replies go to them in copy from now on; what they write joins the ticket."""
    ticket = get_ticket(request, number)
    demand(request, permissions.REPLY)
    return Status(
        201, _show_participant(invite_participant(actor_of(request), ticket, data.address))
    )


@router.delete(
    "/tickets/{int:number}/participants/{int:pk}", response={204: None}, summary="Write no more to"
)
def leave(request: HttpRequest, number: int, pk: int) -> Status[None]:
    ticket = get_ticket(request, number)
    demand(request, permissions.REPLY)
    remove_participant(actor_of(request), _participant(ticket, pk))
    return Status(204, None)


@router.get(
    "/tickets/{int:number}/recipients", response=RecipientsOut, summary="Who gets a reply by itself"
)
def recipients(request: HttpRequest, number: int) -> dict[str, Any]:
    ticket = get_ticket(request, number)
    demand(request, permissions.REPLY)
    usual = propose_recipients(ticket)
    return {
        "to": [one.value for one in usual.to],
        "cc": [one.value for one in usual.cc],
        "held_back": [row.identity.value for row in usual.held_back],
        "reply_to": usual.asked,
    }


@router.get("/tickets/{int:number}/events", response=EventPage, summary="What happened, and who")
@for_everybody
def events(request: HttpRequest, number: int, query: Query[PageQuery]) -> dict[str, Any]:
    ticket = get_ticket(request, number)
    rows = EventRow.objects.filter(ticket_id=ticket.pk)
    if not actor_of(request).is_staff:
        rows = rows.filter(name="ticket.status_changed")
    return page_by_id(
        without_others(rows, actor_of(request).person_id),
        lambda row: {
            "id": row.pk,
            "name": row.name,
            "at": row.occurred_at,
            "actor_kind": row.actor_kind,
            "actor": row.actor_id,
            "operation": row.operation_id,
            "data": row.data,
        },
        cursor=query.cursor,
        limit=query.limit,
        is_descending=False,
    )


def _shown(request: HttpRequest, pk: int) -> dict[str, Any]:
    message = get_message(request, pk)
    is_staff = actor_of(request).is_staff
    number = message.ticket.number if is_staff else home_of(message.thread).number
    return show_message(message, number, for_staff=is_staff)


def _participant(ticket: Ticket, pk: int) -> Participant:
    row = Participant.objects.filter(thread__ticket=ticket, pk=pk).first() if pk <= MAX_ID else None
    if row is None:
        raise Missing(_("Nobody like that takes part."))
    return row


def _show_participant(row: Participant) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.identity.person_id,
        "name": row.identity.person.name,
        "address": row.identity.value,
        "role": row.role,
        "is_confirmed": row.is_confirmed,
    }


def _download(content: bytes, content_type: str, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type=content_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    disposition = content_disposition_header(as_attachment=True, filename=name)
    response.headers["Content-Disposition"] = disposition or "attachment"
    return response
