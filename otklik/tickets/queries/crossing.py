"""What was said since somebody looked."""

from __future__ import annotations

from typing import Literal

from otklik.tickets.models import Message, MessageKind

MOST = 20


def find_crossing(
    ticket_id: int,
    author_id: int | None,
    seen_message_id: int,
    *,
    waiting_in: int | Literal["", "talk"] = "",
) -> list[int]:
    """Ids of newer messages that are not this one's own nor ours automatically.

    ``waiting_in`` narrows it to what stops a reply that waits: "talk" for what members say to the
    customer and back, a thread's id for what is said in that side conversation.
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
    return list(rows.order_by("id").values_list("id", flat=True)[:MOST])
