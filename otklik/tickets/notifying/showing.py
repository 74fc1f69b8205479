"""A ticket as a notification shows it, to those who may see it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Left
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.kit.text import snippet
from otklik.notify.models import Notification
from otklik.notify.things import Shown, register_thing
from otklik.tickets.models import MessageBody, Ticket

KIND = "ticket"
_EXCERPT = 160


def wire() -> None:
    register_thing(KIND, show=show, narrow=narrow)


def narrow(actor: Actor) -> Q:
    """What lies in the trash tells nobody anything."""
    alive = Ticket.objects.visible_to(actor).alive()
    return Q(Exists(alive.filter(pk=OuterRef("thing_id"))))


def show(actor: Actor, notifications: Sequence[Notification]) -> dict[int, Shown]:
    """Two queries, however many there are."""
    ids = {each.thing_id for each in notifications}
    rows = Ticket.objects.visible_to(actor).alive().filter(pk__in=ids)
    tickets = {row.pk: row for row in rows.only("pk", "number", "subject", "brand_id")}
    words = _excerpts({each.part_id for each in notifications if each.part_id})
    return {
        each.pk: Shown(
            name=_("№\u00a0%(number)s") % {"number": ticket.number},
            title=ticket.subject,
            url=_url(ticket.number, each.part_id if each.part_id in words else None),
            excerpt=words.get(each.part_id or 0, ""),
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


def _url(number: int, message_id: int | None) -> str:
    path = f"/tickets/{number}/"
    return f"{path}#message-{message_id}" if message_id else path
