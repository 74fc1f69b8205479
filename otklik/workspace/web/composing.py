"""The composer as a piece of the ticket page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from otklik.core.access import Actor
from otklik.kit.numbers import whole_number
from otklik.tickets.models import Message, Participant, Ticket
from otklik.workspace.queries.beside import find_beside
from otklik.workspace.queries.sending import get_sending
from otklik.workspace.queries.side import get_side_composer, only_recipient
from otklik.workspace.queries.ticket_page import get_composer

KINDS = ("public", "note", "side")


def composer_context(
    request: HttpRequest,
    actor: Actor,
    ticket: Ticket,
    seen: int,
    *,
    kind: str = "",
    participants: Sequence[Participant] | None = None,
) -> dict[str, Any]:
    """Everything the composer's template asks for; ``kind`` is what to write, "" as it was."""
    context: dict[str, Any] = {"sending": get_sending(actor, ticket), "side": None}
    guests = find_beside(actor, ticket).guests
    context["guests"] = guests
    context["guest_names"] = ", ".join(one.identity.person.name or str(one) for one in guests)
    asked = request.GET
    if kind == "side":
        thread_id = whole_number(asked.get("thread"))
        forward = asked.get("forward", "")[:20]
        composer, context["side"] = get_side_composer(
            actor, ticket, seen, thread_id=thread_id, forward=forward
        )
    else:
        composer = get_composer(actor, ticket, seen, kind=kind, participants=participants)
        only = whole_number(asked.get("only"))
        alone = only_recipient(actor, ticket, only) if only else None
        if alone is not None:
            composer = composer.written_to(alone)
    return context | {"composer": composer}


def composer_piece(request: HttpRequest, actor: Actor, ticket: Ticket) -> HttpResponse:
    """The composer in another mode, beside the page as it stands."""
    kind = request.GET.get("write", "")
    last = Message.objects.filter(ticket=ticket).order_by("-id").values_list("id", flat=True)
    context = composer_context(
        request, actor, ticket, last.first() or 0, kind=kind if kind in KINDS else ""
    )
    return render(request, "workspace/parts/composer.html", context | {"ticket": ticket})
