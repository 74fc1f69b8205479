"""Reading, snoozing, reminders, followers, pins."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Body, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Forbidden, Invalid
from otklik.core.rest.shapes import Id, Strict, actor_of, find_named, get_row
from otklik.people.models import Person
from otklik.tickets.actions import (
    change_reminder,
    drop_reminder,
    follow_ticket,
    mark_read,
    pin_message,
    see_reminder,
    set_reminder,
    snooze_ticket,
    unfollow_ticket,
    unpin_message,
    wake_ticket,
)
from otklik.tickets.models import Follower, Message, Reminder
from otklik.tickets.rest.found import get_message, get_ticket, show_with_tags
from otklik.tickets.rest.shapes import Ref, TicketOut
from otklik.tickets.snoozing import find_preset

router = Router(tags=["tickets"])


class SnoozeIn(Strict):
    """One of the three."""

    until: datetime | None = Field(None, description="ISO 8601, to come, within two years")
    preset: Literal["hour", "evening", "tomorrow", "monday"] | None = None
    until_answer: bool = Field(False, description="Only an answer brings it back")


@router.put("/tickets/{int:number}/snooze", response=TicketOut, summary="Snooze a ticket")
def snooze(request: HttpRequest, number: int, data: SnoozeIn) -> dict[str, Any]:
    """It leaves the lists of open tickets until then; a customer's answer brings it back at once.
    Presets are reckoned by the calendar of the ticket's brand."""
    ticket = get_ticket(request, number)
    asked = [data.until is not None, data.preset is not None, data.until_answer]
    if sum(asked) != 1:
        raise Invalid(_("Say until when: a time, a preset or until the customer answers."))
    until = data.until
    if data.preset is not None:
        until = find_preset(data.preset, ticket.brand.calendar)
    snooze_ticket(actor_of(request), ticket, until)
    return show_with_tags(request, get_ticket(request, number))


@router.delete("/tickets/{int:number}/snooze", response=TicketOut, summary="Bring a ticket back")
def wake(request: HttpRequest, number: int) -> dict[str, Any]:
    wake_ticket(actor_of(request), get_ticket(request, number))
    return show_with_tags(request, get_ticket(request, number))


class ReadingIn(Strict):
    message: Id | None = Field(None, description="The last one read; left out: the last there is")


_ALL_OF_IT = ReadingIn(message=None)


@router.put("/tickets/{int:number}/reading", response={204: None}, summary="Mark it as read")
def read(request: HttpRequest, number: int, data: Body[ReadingIn] = _ALL_OF_IT) -> Status[None]:
    """Up to that message, and with it what told one of the ticket, on every page of one's own."""
    ticket, message = get_ticket(request, number), None
    if actor_of(request).person_id is None:
        raise Forbidden(_("Only a person can read."))
    if data.message is not None:
        rows = Message.objects.filter(ticket=ticket)
        message = find_named(rows, data.message, "message")
    mark_read(actor_of(request), ticket, message)
    return Status(204, None)


Note = Annotated[str, Field(max_length=500)]


class ReminderIn(Strict):
    at: datetime = Field(description="ISO 8601, to come, within two years")
    note: Note = ""


class ReminderChange(Strict):
    at: datetime | None = None
    note: Note | None = None


class ReminderOut(Schema):
    id: int
    ticket: int = Field(description="Its number")
    at: datetime
    note: str
    is_due: bool = Field(description="Told, and not seen yet")


class FollowerIn(Strict):
    person: Id


@router.get("/reminders", response=list[ReminderOut], summary="What one is reminded of")
def reminders(request: HttpRequest) -> list[dict[str, Any]]:
    """One's own alone, those that are due and those to come; at most 200, the soonest first."""
    rows = Reminder.objects.visible_to(actor_of(request)).filter(seen_at__isnull=True)
    found = rows.select_related("ticket").order_by("due_at", "id")[:200]
    return [_show_reminder(row) for row in found]


@router.post(
    "/tickets/{int:number}/reminders", response={201: ReminderOut}, summary="Be reminded of it"
)
def remind(request: HttpRequest, number: int, data: ReminderIn) -> Status[dict[str, Any]]:
    made = set_reminder(actor_of(request), get_ticket(request, number), data.at, note=data.note)
    return Status(201, _show_reminder(made))


@router.patch("/reminders/{int:pk}", response=ReminderOut, summary="Another time, other words")
def alter_reminder(request: HttpRequest, pk: int, data: ReminderChange) -> dict[str, Any]:
    """One that was told is told again at its new time."""
    changed = change_reminder(actor_of(request), _reminder(request, pk), at=data.at, note=data.note)
    return _show_reminder(changed)


@router.put("/reminders/{int:pk}/seen", response={204: None}, summary="A reminder was seen")
def seen(request: HttpRequest, pk: int) -> Status[None]:
    see_reminder(actor_of(request), _reminder(request, pk))
    return Status(204, None)


@router.delete("/reminders/{int:pk}", response={204: None}, summary="Drop a reminder")
def drop(request: HttpRequest, pk: int) -> Status[None]:
    drop_reminder(actor_of(request), _reminder(request, pk))
    return Status(204, None)


@router.get("/tickets/{int:number}/followers", response=list[Ref], summary="Who follows a ticket")
def followers(request: HttpRequest, number: int) -> list[dict[str, Any]]:
    """For staff; ids of people."""
    ticket = get_ticket(request, number)
    if not actor_of(request).is_staff:
        return []
    rows = Follower.objects.filter(ticket=ticket).select_related("person").order_by("pk")
    return [{"id": row.person_id, "name": row.person.name} for row in rows]


@router.post("/tickets/{int:number}/followers", response={204: None}, summary="Add a follower")
def add_follower(request: HttpRequest, number: int, data: FollowerIn) -> Status[None]:
    """An agent who may see the ticket."""
    ticket = get_ticket(request, number)
    follow_ticket(actor_of(request), ticket, _person(request, data.person))
    return Status(204, None)


@router.delete(
    "/tickets/{int:number}/followers/{int:pk}", response={204: None}, summary="Remove a follower"
)
def remove_follower(request: HttpRequest, number: int, pk: int) -> Status[None]:
    unfollow_ticket(actor_of(request), get_ticket(request, number), _person(request, pk))
    return Status(204, None)


@router.put("/messages/{int:pk}/pin", response={204: None}, summary="Pin a message")
def pin(request: HttpRequest, pk: int) -> Status[None]:
    """At the top of its ticket, for staff; ten at most."""
    pin_message(actor_of(request), get_message(request, pk))
    return Status(204, None)


@router.delete("/messages/{int:pk}/pin", response={204: None}, summary="Unpin a message")
def unpin(request: HttpRequest, pk: int) -> Status[None]:
    unpin_message(actor_of(request), get_message(request, pk))
    return Status(204, None)


def _reminder(request: HttpRequest, pk: int) -> Reminder:
    return get_row(Reminder.objects.visible_to(actor_of(request)), pk)


def _person(request: HttpRequest, pk: int) -> Person:
    found = find_named(Person.objects.visible_to(actor_of(request)), pk, "person")
    assert found is not None  # a body names one
    return found


def _show_reminder(row: Reminder) -> dict[str, Any]:
    return {
        "id": row.pk,
        "ticket": row.ticket.number,
        "at": row.due_at,
        "note": row.note,
        "is_due": row.told_at is not None and row.seen_at is None,
    }
