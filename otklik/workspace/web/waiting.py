"""Replies that have not left: undo, send now, another time; a mentor's approval and return."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from otklik.core.access import Conflict
from otklik.kit.numbers import whole_number
from otklik.tickets.actions.releasing import release
from otklik.tickets.actions.reviewing import approve_reply, return_reply
from otklik.tickets.actions.side import is_side
from otklik.tickets.actions.waiting import change_waiting, hurry_waiting, undo_waiting
from otklik.tickets.models import Ticket, WaitingReply, WaitingState
from otklik.workspace.moments import chosen_moment
from otklik.workspace.queries.handover import list_given, list_given_by
from otklik.workspace.queries.sending import show_cards
from otklik.workspace.queries.unsent import list_for_review, list_mine
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.sending import taken_back
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, staff_view

MOST_SHOWN = 100


@staff_view()
def unsent(request: HttpRequest) -> HttpResponse:
    """What waits: for this one to approve, given to this one, and of this one to be sent."""
    actor = actor_of(request)
    context: dict[str, Any] = {
        "to_review": show_cards(actor, list_for_review(actor)[:MOST_SHOWN]),
        "given": list_given(actor),
        "given_by": list_given_by(actor),
        "mine": show_cards(actor, list_mine(actor)[:MOST_SHOWN]),
    }
    return render(request, "workspace/unsent.html", context | shell_context(request, "unsent"))


@ticket_change
def undo(request: HttpRequest, number: int, waiting: int) -> HttpResponseBase:
    row = _find(request, number, waiting)
    kind = "side" if is_side(row.thread) else "public"
    draft = undo_waiting(actor_of(request), row)
    if draft is None or draft.author_id != actor_of(request).person_id:
        words = _("It is a draft of its author again")
        return changed(request, number, words, is_reversible=False)
    return taken_back(request, number, kind=kind)


@ticket_change
def send_now(request: HttpRequest, number: int, waiting: int) -> HttpResponseBase:
    row = _find(request, number, waiting)
    row = hurry_waiting(actor_of(request), row, anyway=bool(request.POST.get("anyway")))
    return _left(request, number, row)


@ticket_change
def time(request: HttpRequest, number: int, waiting: int) -> HttpResponseBase:
    row = _find(request, number, waiting)
    calendar = row.thread.ticket.brand.calendar
    at = chosen_moment(request.POST, calendar, preset="later", own="later_at")
    row = change_waiting(actor_of(request), row, send_at=at, version=_version(request))
    (card,) = show_cards(actor_of(request), [row])
    words = _("The reply %(when)s") % {"when": card.words}
    return changed(request, number, words, is_reversible=False)


@ticket_change
def approval(request: HttpRequest, number: int, waiting: int) -> HttpResponseBase:
    row = _find(request, number, waiting)
    html = request.POST.get("html")
    row = approve_reply(
        actor_of(request),
        row,
        html=html[:1_000_000] if html is not None else None,
        version=_version(request),
        seen_message_id=whole_number(request.POST.get("seen_message_id")) or None,
    )
    return _left(request, number, row)


@ticket_change
def returning(request: HttpRequest, number: int, waiting: int) -> HttpResponseBase:
    row = _find(request, number, waiting)
    name = row.author.name
    return_reply(
        actor_of(request), row, comment=request.POST.get("comment", ""), version=_version(request)
    )
    words = _("%(name)s has it back with your comment") % {"name": name}
    return changed(request, number, words, is_reversible=False)


def _left(request: HttpRequest, number: int, row: WaitingReply) -> HttpResponseBase:
    release(row.pk)
    row.refresh_from_db()
    if row.state == WaitingState.SENT:
        return changed(request, number, _("Reply on its way"), is_reversible=False)
    if row.state == WaitingState.HELD:
        raise Conflict(row.held_words)
    (card,) = show_cards(actor_of(request), [row])
    words = _("The reply %(when)s") % {"when": card.words}
    return changed(request, number, words, is_reversible=False)


def _find(request: HttpRequest, number: int, waiting: int) -> WaitingReply:
    rows = WaitingReply.objects.select_related("thread__ticket__brand", "author")
    visible = Ticket.objects.visible_to(actor_of(request)).filter(number=number)
    found: WaitingReply = get_object_or_404(rows, pk=waiting, thread__ticket__in=visible)
    return found


def _version(request: HttpRequest) -> int | None:
    return whole_number(request.POST.get("version")) or None
