"""Handing a draft over, taking and giving it back; colleagues in the notes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.kit.numbers import whole_number
from otklik.people.models import Agent
from otklik.tickets.actions import save_draft
from otklik.tickets.actions.guests import invite_guest, revoke_guest
from otklik.tickets.actions.handover import give_back_draft, hand_over_draft, take_draft
from otklik.tickets.models import DraftHandover, NoteGuest, Ticket
from otklik.ui.toasts import with_toast
from otklik.workspace.queries import choices
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, pieces, ticket_change
from otklik.workspace.web.composing import composer_context
from otklik.workspace.web.sending import taken_back
from otklik.workspace.web.shell import show_piece
from otklik.workspace.web.staff import actor_of, add_trigger, is_fragment, staff_view
from otklik.workspace.web.writing import drafted


@staff_view("GET", "HEAD", "POST")
def handover(request: HttpRequest, number: int) -> HttpResponseBase:
    """GET asks to whom, POST gives what stands in the composer."""
    if request.method == "POST":
        answer: HttpResponseBase = _hand_over(request, number)
        return answer
    actor = actor_of(request)
    context: dict[str, Any] = {"ticket": get_ticket(actor, number)}
    me = Agent.objects.filter(person_id=actor.person_id or 0).values_list("pk", flat=True).first()
    to = Agent.objects.filter(person_id=whole_number(request.GET.get("to")) or 0)
    context["chosen"] = to.values_list("pk", flat=True).first()
    context["agents"] = [one for one in choices.agent_choices(actor) if one[0] != me]
    return show_piece(request, "handover", context)


@ticket_change
def _hand_over(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    agents = Agent.objects.visible_to(actor).with_person()
    receiver = get_object_or_404(agents, pk=whole_number(request.POST.get("receiver")) or 0)
    given = drafted(request)
    if "html" in request.POST:
        save_draft(actor, ticket, **given)
    row = hand_over_draft(
        actor,
        ticket,
        receiver,
        kind=given["kind"],
        comment=request.POST.get("comment", ""),
    )
    words = _("%(name)s has the draft now") % {"name": receiver.person.name}
    undo = reverse("workspace:draft_return", args=[number, row.pk])
    if not is_fragment(request):
        return changed(request, number, words, is_reversible=False)
    context = pieces(request, number)
    context |= composer_context(request, actor, ticket, context["talk"].last_message_id)
    response = render(request, "workspace/parts/sent.html", context)
    add_trigger(response, closeDialog={})
    return with_toast(request, response, words, undo=undo)


@ticket_change
def taking(request: HttpRequest, number: int, handover: int) -> HttpResponseBase:
    draft = take_draft(actor_of(request), _find(request, number, handover))
    return taken_back(request, number, kind=draft.kind)


@ticket_change
def returning(request: HttpRequest, number: int, handover: int) -> HttpResponseBase:
    actor = actor_of(request)
    row = _find(request, number, handover)
    draft = give_back_draft(actor, row)
    if draft.author_id == actor.person_id:
        return taken_back(request, number, kind=draft.kind)
    words = _("%(name)s has it back") % {"name": row.giver.name}
    return changed(request, number, words, is_reversible=False)


@ticket_change
def guests(request: HttpRequest, number: int) -> HttpResponseBase:
    """Invite a colleague to the notes, by address."""
    ticket = get_ticket(actor_of(request), number)
    row = invite_guest(actor_of(request), ticket, request.POST.get("address", "")[:320])
    words = _("%(who)s takes part in the notes") % {"who": row.identity}
    return changed(request, number, words, is_reversible=False)


@ticket_change
def guest_removal(request: HttpRequest, number: int, guest: int) -> HttpResponseBase:
    rows = NoteGuest.objects.select_related("thread", "identity")
    ticket = get_ticket(actor_of(request), number)
    row = get_object_or_404(rows, pk=guest, thread__ticket=ticket)
    revoke_guest(actor_of(request), row)
    words = _("%(who)s gets no more notes") % {"who": row.identity}
    return changed(request, number, words, is_reversible=False)


def _find(request: HttpRequest, number: int, handover: int) -> DraftHandover:
    rows = DraftHandover.objects.select_related("ticket", "giver", "receiver")
    visible = Ticket.objects.visible_to(actor_of(request)).filter(number=number)
    found: DraftHandover = get_object_or_404(rows, pk=handover, ticket__in=visible)
    return found
