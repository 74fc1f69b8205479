"""What was said since somebody looked."""

from __future__ import annotations

from typing import Literal

from django.db.models import Q

from otklik.tickets.models import Message, MessageKind, Ticket

MOST = 20


def find_crossing(
    ticket_id: int,
    author_id: int | None,
    seen_message_id: int,
    *,
    waiting_in: int | Literal["", "talk"] = "",
    home_id: int = 0,
) -> list[int]:
    """Ids of newer messages that are not this one's own nor ours automatically.

    ``waiting_in`` narrows it to what stops a reply that waits: "talk" for what members say to the
    customer and back, a thread's id for what is said in that side conversation. ``home_id`` is the
    ticket whose talk it waits in: after a merge, what other customers say in theirs stops nothing.
    """
    rows = Message.objects.filter(ticket=ticket_id, id__gt=seen_message_id, is_automatic=False)
    rows = rows.exclude(author_id=author_id, author_kind="agent")
    if waiting_in:
        rows = rows.filter(is_hidden=False).exclude(automation__in=("auto_reply", "bounce"))
        rows = (
            rows.filter(kind=MessageKind.PUBLIC)
            if waiting_in == "talk"
            else rows.filter(thread=waiting_in)
        )
    if waiting_in == "talk" and home_id:
        asked = Ticket.objects.filter(pk=home_id).values("requester")
        at_home = Q(thread__came_from__isnull=True, ticket__requester__in=asked)
        rows = rows.filter(at_home | Q(thread__came_from__requester__in=asked))
    return list(rows.order_by("id").values_list("id", flat=True)[:MOST])
