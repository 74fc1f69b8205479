"""Side conversations and colleagues in the notes: `/tickets/{number}/side-conversations`, guests.

For staff alone: to a customer neither of them is there.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Invalid, Missing
from otklik.core.rest.shapes import Id, Strict, actor_of, demand, get_row
from otklik.desk.accounts import list_sending_accounts
from otklik.tickets import permissions
from otklik.tickets.actions.aside import begin_side, take_along
from otklik.tickets.actions.guests import invite_guest, list_guests, revoke_guest
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.contract import MAX_RECIPIENTS
from otklik.tickets.models import (
    Audience,
    Message,
    NoteGuest,
    Participant,
    Thread,
    Ticket,
    WaitingReply,
)
from otklik.tickets.rest.found import get_message, get_ticket
from otklik.tickets.rest.shapes import MessageOut, show_message
from otklik.tickets.rest.waiting import WaitingOut, show_waiting
from otklik.tickets.typed import Typed

router = Router(tags=["side conversations"])

Text = Annotated[str, Field(max_length=1_000_000)]
Addresses = Annotated[list[Annotated[str, Field(max_length=320)]], Field(max_length=MAX_RECIPIENTS)]


class SideMessageIn(Strict):
    text: Text = ""
    html: Text = ""
    to: Addresses = Field([], description="Left out: everybody in the conversation")
    cc: Addresses = []
    account: Id | None = Field(None, description="The mailbox; left out: the conversation's own")
    uploads: list[str] = Field([], max_length=50)
    attachments: list[str] = Field(
        [], max_length=50, description="Tokens of files of this ticket to send along"
    )
    send_at: datetime | None = None
    undo_seconds: int = Field(0, ge=0, le=60)


class SideIn(SideMessageIn):
    subject: Annotated[str, Field(min_length=1, max_length=300)]


class SideOut(Schema):
    id: int
    subject: str
    people: list[str] = Field(description="Addresses")
    created_at: datetime


class GuestIn(Strict):
    address: Annotated[str, Field(min_length=3, max_length=320)]


class GuestOut(Schema):
    id: int
    address: str
    name: str
    created_at: datetime


@router.get(
    "/tickets/{int:number}/side-conversations",
    response=list[SideOut],
    summary="Talks with third parties",
)
def list_sides(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    rows = _sides(_staff_ticket(request, number)).order_by("id")[:100]
    return [_show(row) for row in rows]


@router.post(
    "/tickets/{int:number}/side-conversations",
    response={201: MessageOut, 202: WaitingOut},
    by_alias=True,
    summary="Begin to talk with a third party, or forward",
)
def begin(request: HttpRequest, number: int, data: SideIn) -> Status[dict[str, Any]]:
    """201: sent. 202: it waits. The customer sees nothing of it, now or later."""
    ticket = _staff_ticket(request, number)
    demand(request, permissions.REPLY)
    written = begin_side(
        actor_of(request),
        ticket,
        subject=data.subject,
        typed=_typed(request, ticket, data),
        to=To(data.to, data.cc, account=_account(data)),
        undo_seconds=data.undo_seconds,
        send_at=data.send_at,
        client_key=request.client_key,  # type: ignore[attr-defined]
    )
    return _answer(request, written)


@router.post(
    "/tickets/{int:number}/side-conversations/{int:pk}/messages",
    response={201: MessageOut, 202: WaitingOut},
    by_alias=True,
    summary="Write to a third party",
)
def write(
    request: HttpRequest, number: int, pk: int, data: SideMessageIn
) -> Status[dict[str, Any]]:
    ticket = _staff_ticket(request, number)
    demand(request, permissions.REPLY)
    thread = get_row(_sides(ticket), pk)
    people = Participant.objects.filter(thread=thread, is_confirmed=True)
    everybody = list(people.order_by("id").values_list("identity__value", flat=True))
    written = send_or_wait(
        actor_of(request),
        ticket,
        typed=_typed(request, ticket, data),
        to=To(data.to or everybody[:MAX_RECIPIENTS], data.cc, account=_account(data)),
        thread=thread,
        undo_seconds=data.undo_seconds,
        send_at=data.send_at,
        client_key=request.client_key,  # type: ignore[attr-defined]
    )
    return _answer(request, written)


@router.get("/tickets/{int:number}/guests", response=list[GuestOut], summary="Who joins the notes")
def guests(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    return [_show_guest(row) for row in list_guests(_staff_ticket(request, number).pk)]


@router.post(
    "/tickets/{int:number}/guests", response={201: GuestOut}, summary="Invite to the notes"
)
def invite(request: HttpRequest, number: int, data: GuestIn) -> Status[dict[str, Any]]:
    """A confirmed address at a domain of the company. They get the notes written with
    `to_guests` by mail, and nothing else."""
    ticket = _staff_ticket(request, number)
    row = invite_guest(actor_of(request), ticket, data.address)
    return Status(
        201, _show_guest(NoteGuest.objects.select_related("identity__person").get(pk=row.pk))
    )


@router.delete(
    "/tickets/{int:number}/guests/{int:pk}", response={204: None}, summary="End it at once"
)
def revoke(request: HttpRequest, number: int, pk: int) -> Status[None]:
    ticket = _staff_ticket(request, number)
    rows = NoteGuest.objects.select_related("thread", "identity").filter(thread__ticket=ticket)
    revoke_guest(actor_of(request), get_row(rows, pk))
    return Status(204, None)


def _staff_ticket(request: HttpRequest, number: int) -> Ticket:
    if not actor_of(request).is_staff:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return get_ticket(request, number)


def _sides(ticket: Ticket) -> Any:
    return Thread.objects.filter(ticket=ticket, is_main=False, audience=Audience.STAFF)


def _typed(request: HttpRequest, ticket: Ticket, data: SideMessageIn) -> Typed:
    along = take_along(actor_of(request), ticket, data.attachments) if data.attachments else []
    return Typed(data.html or data.text, bool(data.html), [*data.uploads, *along])


def _account(data: SideMessageIn) -> int | None:
    """Raises Invalid for a mailbox that does not send."""
    if data.account is None:
        return None
    known = [one for one in list_sending_accounts() if one.pk == data.account]
    if not known:
        words = _("This mailbox does not send. Choose another one.")
        raise Invalid(words, fields={"account": words})
    return known[0].pk


def _answer(request: HttpRequest, written: Message | WaitingReply) -> Status[dict[str, Any]]:
    if isinstance(written, WaitingReply):
        return Status(202, show_waiting(actor_of(request), written))
    message = get_message(request, written.pk)
    return Status(201, show_message(message, message.ticket.number, for_staff=True))


def _show(row: Thread) -> dict[str, Any]:
    people = Participant.objects.filter(thread=row, is_confirmed=True).order_by("id")
    return {
        "id": row.pk,
        "subject": row.subject,
        "people": list(people.values_list("identity__value", flat=True)[:100]),
        "created_at": row.created_at,
    }


def _show_guest(row: NoteGuest) -> dict[str, Any]:
    return {
        "id": row.pk,
        "address": row.identity.value,
        "name": row.identity.person.name,
        "created_at": row.created_at,
    }
