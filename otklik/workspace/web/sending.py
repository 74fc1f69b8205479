"""Sending from the composer: now, in some seconds, later; to the customer or a third party."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.channels.signatures import list_senders
from otklik.core.access import Actor, Invalid
from otklik.kit.numbers import whole_number
from otklik.tickets.actions.aside import begin_side, take_along
from otklik.tickets.actions.habits import change_habit, find_habit
from otklik.tickets.actions.side import is_side
from otklik.tickets.actions.waiting import To, send_or_wait
from otklik.tickets.models import Message, Thread, Ticket, WaitingReply, WaitingState, WaitingWhy
from otklik.tickets.typed import MOST_FILES, Typed
from otklik.ui.toasts import with_toast
from otklik.workspace.moments import chosen_moment
from otklik.workspace.queries.sending import show_cards
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import pieces
from otklik.workspace.web.composing import composer_context
from otklik.workspace.web.solving import despite_in
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment


def submit(request: HttpRequest, actor: Actor, ticket: Ticket) -> Message | WaitingReply:
    """What the composer sends: a reply, or words to a third party."""
    given = request.POST
    habit = find_habit(actor.person_id)
    uploads = given.getlist("uploads")[:MOST_FILES]
    is_side = given.get("kind") == "side"
    if is_side and given.getlist("along"):
        uploads += take_along(actor, ticket, given.getlist("along")[:MOST_FILES])
    typed = Typed(
        html=given.get("html", ""),
        # Without scripts the field holds plain text.
        is_rich=given.get("rich") == "1",
        uploads=uploads,
    )
    people, cc, bcc = (addresses_in(given.getlist(name)) for name in ("to", "cc", "bcc"))
    account = _account(ticket, given.get("from", ""), is_side=is_side)
    to = To(people, cc, bcc, account=account)
    send_at = _send_at(request, ticket)
    undo_seconds = 0 if send_at else habit.undo_seconds
    key = key_in(given.get("client_key", ""))
    thread = _side_thread(ticket, given.get("thread", "")) if is_side else None
    if is_side and thread is None:
        return begin_side(
            actor,
            ticket,
            subject=given.get("subject", ""),
            typed=typed,
            to=to,
            undo_seconds=undo_seconds,
            send_at=send_at,
            client_key=key,
        )
    status = "" if is_side else given.get("status", "")
    if send_at and not status and not is_side:
        status = habit.last_status or "pending"  # as the button beside it says
    written = send_or_wait(
        actor,
        ticket,
        typed=typed,
        to=to,
        thread=thread,
        status=status,
        despite=despite_in(given),
        undo_seconds=undo_seconds,
        send_at=send_at,
        seen_message_id=whole_number(given.get("seen_message_id")),
        goes_anyway=bool(given.get("anyway") or given.get("goes_anyway")),
        client_key=key,
    )
    if status and status != habit.last_status and "again" not in given:
        change_habit(actor, last_status=status)
    return written


def _account(ticket: Ticket, given: str, *, is_side: bool) -> int | None:
    """The chosen mailbox; None for the talk's own. Raises Invalid for one that does not send."""
    chosen = whole_number(given)
    if not chosen:
        return None
    senders = [account.pk for account in list_senders(ticket)]
    if chosen not in senders:
        words = _("This mailbox does not send. Choose another one.")
        raise Invalid(words, fields={"from": words})
    # The ticket's usual one need not be that of a conversation aside.
    return chosen if is_side or chosen != senders[0] else None


def answer(request: HttpRequest, number: int, written: Message | WaitingReply) -> HttpResponseBase:
    """After sending: the pieces, a toast that tells what happens now, and where to go next."""
    actor = actor_of(request)
    words, undo, seconds = _told(actor, number, written)
    toast: dict[str, Any] = {"undo": undo, "seconds": seconds} if undo else {}
    if not is_fragment(request):
        return with_toast(request, redirect("workspace:ticket", number), words, **toast)
    context = pieces(request, number)
    ticket = context["ticket"]
    context |= composer_context(request, actor, ticket, context["talk"].last_message_id)
    response = render(request, "workspace/parts/sent.html", context)
    events: dict[str, Any] = {"inbox:changed": {}, "message:sent": {"id": written.pk}}
    if ticket.status_kind == "solved":
        events["ticket:solved"] = {"id": ticket.pk}
    if not is_side(written.thread):
        after = find_habit(actor.person_id).after_sending
        events["sending:after"] = {"go": after, "id": ticket.pk}
    add_trigger(response, closeDialog={}, **events)
    return with_toast(request, response, words, **toast)


def taken_back(request: HttpRequest, number: int, *, kind: str) -> HttpResponseBase:
    """The words are in the composer again, open and with the caret in it; from another page this
    leads to its ticket. No toast: it would lie on the button to send."""
    url = reverse("workspace:ticket", args=[number])
    here = urlsplit(request.headers.get("HX-Current-URL", "")).path
    if not is_fragment(request):
        return redirect(f"{url}?write={kind}#composer")
    if here != url:
        response: HttpResponse = HttpResponse(status=204)
        response.headers["HX-Redirect"] = f"{url}?write={kind}#composer"
        return response
    context = pieces(request, number)
    context |= composer_context(
        request, actor_of(request), context["ticket"], context["talk"].last_message_id, kind=kind
    )
    response = render(request, "workspace/parts/sent.html", context)
    add_trigger(response, **{"inbox:changed": {}, "composer:opened": {}})
    return response


def addresses_in(values: list[str]) -> list[str]:
    return [part.strip() for value in values for part in re.split(r"[,;\n]", value) if part.strip()]


def key_in(given: str) -> UUID | None:
    """Raises Invalid."""
    try:
        return UUID(given) if given else None
    except ValueError:
        raise Invalid(_("This form is out of date. Load the page again.")) from None


def _told(actor: Actor, number: int, written: Message | WaitingReply) -> tuple[str, str, int]:
    """Words, where it is undone, and for how many seconds."""
    if isinstance(written, Message):
        return _("Reply on its way"), "", 0
    undo = reverse("workspace:waiting_undo", args=[number, written.pk])
    (card,) = show_cards(actor, [written])
    if written.state == WaitingState.REVIEW:
        return _("Your mentor sees it first; then it leaves"), undo, 8
    if written.why == WaitingWhy.LATER:
        return _("The reply %(when)s") % {"when": card.words}, undo, 8
    if written.state != WaitingState.WAITING:
        return _("This reply has been taken back"), "", 0
    ticket = get_ticket(actor, number)
    name = card.to if is_side(written.thread) else ticket.requester.name
    words = _("Reply to %(name)s leaves in {left} s") % {"name": name or card.to}
    return words, undo, max(1, card.seconds_left)


def _send_at(request: HttpRequest, ticket: Ticket) -> datetime | None:
    """The time that is asked for: a preset or one's own, in one's own time zone."""
    if not request.POST.get("later"):
        return None
    return chosen_moment(request.POST, ticket.brand.calendar, preset="later", own="later_at")


def _side_thread(ticket: Ticket, given: str) -> Thread | None:
    if not given.isdecimal():
        return None
    rows = Thread.objects.filter(ticket=ticket, is_main=False, audience="staff")
    found: Thread = get_object_or_404(rows, pk=whole_number(given))
    return found
