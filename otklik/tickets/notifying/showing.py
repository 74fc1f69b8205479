"""A ticket as a notification shows it, to those who may see it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.events.models import EventRow
from otklik.kit.text import snippet
from otklik.notify.models import Notification
from otklik.notify.things import Shown, register_thing
from otklik.tickets.models import MessageBody, Ticket
from otklik.tickets.models.reminder import Reminder
from otklik.tickets.notifying.topics import REMINDED

KIND = "ticket"
_EXCERPT = 160


def wire() -> None:
    register_thing(KIND, show=show, narrow=narrow)


def narrow(actor: Actor) -> Q:
    """What lies in the trash tells nobody anything."""
    alive = Ticket.objects.visible_to(actor).alive()
    return Q(Exists(alive.filter(pk=OuterRef("thing_id"))))


def show(actor: Actor, notifications: Sequence[Notification]) -> dict[int, Shown]:
    """Two queries, however many there are; two more where reminders are among them."""
    ids = {each.thing_id for each in notifications}
    rows = Ticket.objects.visible_to(actor).alive().filter(pk__in=ids)
    tickets = {row.pk: row for row in rows.only("pk", "number", "subject", "brand_id")}
    words = _excerpts({each.part_id for each in notifications if each.part_id})
    notes = _reminders(actor, [each for each in notifications if each.topic == REMINDED])
    return {
        each.pk: Shown(
            name=_("№\u00a0%(number)s") % {"number": ticket.number},
            title=ticket.subject,
            url=_url(ticket.number, each.part_id if each.part_id in words else None),
            excerpt=notes.get(each.event_id) or words.get(each.part_id or 0, ""),
            number=ticket.number,
            brand_id=ticket.brand_id,
        )
        for each in notifications
        if (ticket := tickets.get(each.thing_id)) is not None
    }


def _excerpts(ids: set[int]) -> dict[int, str]:
    """The first words of messages; what is new in them where that is known."""
    rows = MessageBody.objects.filter(message_id__in=ids).annotate(
        said=Left("reply_text", 800), whole=Left("text", 800)
    )
    return {
        message_id: snippet(said or whole, _EXCERPT)
        for message_id, said, whole in rows.values_list("message_id", "said", "whole")
    }


def _reminders(actor: Actor, notifications: Sequence[Notification]) -> dict[int, str]:
    """What one wanted to be reminded of, by the event."""
    if not notifications:
        return {}
    events = EventRow.objects.filter(pk__in=[each.event_id for each in notifications])
    ids = {row.pk: row.data.get("reminder_id") for row in events.only("pk", "data")}
    rows = Reminder.objects.filter(pk__in=ids.values(), person_id=actor.person_id or 0)
    notes = dict(rows.values_list("pk", "note"))
    return {event_id: notes.get(pk, "") for event_id, pk in ids.items()}


def _url(number: int, message_id: int | None) -> str:
    path = f"/tickets/{number}/"
    return f"{path}#message-{message_id}" if message_id else path
