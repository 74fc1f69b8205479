"""What is changed on a ticket: status, assignee, team, fields, tags, following, trash."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from otklik.core.access import Conflict, Invalid
from otklik.kit.numbers import whole_number
from otklik.people.models import Agent, Person, Team
from otklik.tickets import actions
from otklik.tickets.models import Follower, Message, Participant, Status, StatusKind
from otklik.workspace.queries import marks
from otklik.workspace.queries.ticket_page import get_ticket, recipient_of
from otklik.workspace.web.changes import changed, show_refusal, ticket_change
from otklik.workspace.web.solving import despite_in, question_of
from otklik.workspace.web.staff import actor_of

_NUMBERS = ("priority", "category_id")


@ticket_change
def status(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    value = request.POST.get("value", "")
    to: Status | str = value
    if value.isdecimal():
        to = get_object_or_404(Status, pk=whole_number(value), is_active=True)
    elif value not in StatusKind.values:
        raise Invalid(_("There is no such status."))
    try:
        ticket = actions.change_status(actor, ticket, to, despite=despite_in(request.POST))
    except Invalid as refused:
        question = question_of(request, refused)
        return show_refusal(request, number, refused, question=question, wanted_status=value)
    is_solved = ticket.status_kind == StatusKind.SOLVED
    words = _("№ %(number)d: %(status)s") % {
        "number": number,
        "status": marks.status_words(ticket.status),
    }
    events: dict[str, Any] = {"ticket:solved": {"id": ticket.pk}} if is_solved else {}
    return changed(request, number, words, **events)


@ticket_change
def assignee(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    value = request.POST.get("value", "")
    agents = Agent.objects.visible_to(actor).with_person()
    if value == "me":
        agent = get_object_or_404(agents, person_id=actor.person_id)
    else:
        agent = get_object_or_404(agents, pk=whole_number(value)) if value.isdecimal() else None
    was = _was(request)
    seen: dict[str, Any] = {} if was is ... else {"was": was}
    actions.assign_ticket(actor, ticket, agent, **seen)
    if agent is None:
        return changed(request, number, _("№ %(number)d has no assignee") % {"number": number})
    words = _("№ %(number)d: assignee %(name)s") % {"number": number, "name": agent.person.name}
    return changed(request, number, words)


@ticket_change
def team(request: HttpRequest, number: int) -> HttpResponseBase:
    """Transfer, with a reason that becomes a note."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    value, was = request.POST.get("value", ""), _was(request)
    if was is not ... and was != ticket.team_id:
        raise Conflict(
            _("Somebody changed the same field in the meantime."), fields={"team": ticket.team_id}
        )
    teams = Team.objects.visible_to(actor).active()
    to = get_object_or_404(teams, pk=whole_number(value)) if value.isdecimal() else None
    actions.transfer_ticket(actor, ticket, to, reason=request.POST.get("reason", ""))
    words = _("№ %(number)d: team %(team)s") % {
        "number": number,
        "team": to.name if to else _("none"),
    }
    return changed(request, number, words, closeDialog={})


@ticket_change
def fields(request: HttpRequest, number: int, name: str) -> HttpResponseBase:
    """One field: subject, kind, priority, category or language. ``was`` is what the person saw."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    column = "category_id" if name == "category" else name
    was = request.POST.get("was")
    actions.change_ticket(
        actor,
        ticket,
        {column: _value(column, request.POST.get("value", ""))},
        was=None if was is None else {column: _value(column, was)},
    )
    return changed(request, number, _("Saved"))


@ticket_change
def tags(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    names = [name for value in request.POST.getlist("tags") for name in value.split(",")]
    actions.set_tags(actor, ticket, [name.strip() for name in names if name.strip()])
    return changed(request, number, _("Tags changed"))


@ticket_change
def following(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    me = Person.objects.get(pk=actor.person_id or 0)
    if request.POST.get("value") == "off":
        actions.unfollow_ticket(actor, ticket, me)
        return changed(request, number, _("You no longer follow this ticket"), is_reversible=False)
    actions.follow_ticket(actor, ticket, me)
    return changed(request, number, _("You follow this ticket"), is_reversible=False)


@ticket_change
def followers(request: HttpRequest, number: int) -> HttpResponseBase:
    """A colleague follows, by ``agent``, or no longer, by ``person``."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.POST.get("value") == "off":
        rows = Follower.objects.filter(ticket=ticket).select_related("person")
        row = get_object_or_404(rows, person=whole_number(request.POST.get("person")))
        actions.unfollow_ticket(actor, ticket, row.person)
        words = _("%(who)s follows this ticket no longer") % {"who": row.person.name}
        return changed(request, number, words, is_reversible=False)
    agents = Agent.objects.visible_to(actor).active().with_person()
    agent = get_object_or_404(agents, pk=whole_number(request.POST.get("agent")))
    actions.follow_ticket(actor, ticket, agent.person)
    words = _("%(who)s follows this ticket") % {"who": agent.person.name}
    return changed(request, number, words, is_reversible=False)


@ticket_change
def pin(request: HttpRequest, number: int, message: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    found = get_object_or_404(Message, pk=message, ticket=ticket)
    if request.POST.get("value") == "off":
        actions.unpin_message(actor, found)
        return changed(request, number, _("Unpinned"))
    actions.pin_message(actor, found)
    return changed(request, number, _("Pinned to the top of the ticket"))


@ticket_change
def trash(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.POST.get("value") == "off":
        actions.restore_ticket(actor, ticket)
        return changed(request, number, _("№ %(number)d is restored") % {"number": number})
    actions.trash_ticket(actor, ticket)
    return changed(request, number, _("№ %(number)d is in the trash") % {"number": number})


@ticket_change
def legal_hold(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.POST.get("value") == "off":
        actions.lift_ticket_hold(actor, ticket)
        return changed(request, number, _("The hold is lifted"), is_reversible=False)
    actions.place_ticket_hold(actor, ticket)
    words = _("Kept: neither clocks nor people erase it")
    return changed(request, number, words, is_reversible=False)


@ticket_change
def participants(request: HttpRequest, number: int) -> HttpResponseBase:
    """Have somebody take part, by address."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    added = actions.invite_participant(actor, ticket, request.POST.get("address", "")[:320])
    return _joined(request, number, added)


@ticket_change
def spam(request: HttpRequest, number: int) -> HttpResponseBase:
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    if request.POST.get("value") == "off":
        actions.unmark_spam(actor, ticket)
        return changed(request, number, _("№ %(number)d is no spam") % {"number": number})
    actions.mark_as_spam(actor, ticket)
    return changed(request, number, _("№ %(number)d is spam") % {"number": number})


@ticket_change
def confirmation(request: HttpRequest, number: int, participant: int) -> HttpResponseBase:
    """Let a stranger in: what they wrote shows, and they are written to."""
    found = _participant(request, number, participant)
    return _joined(request, number, actions.confirm_participant(actor_of(request), found))


@ticket_change
def removal(request: HttpRequest, number: int, participant: int) -> HttpResponseBase:
    found = _participant(request, number, participant)
    address = found.identity.value
    words = _("%(who)s is written to no longer") % {"who": found.identity}
    actions.remove_participant(actor_of(request), found)
    left = {"recipient:left": {"address": address}}
    return changed(request, number, words, is_reversible=False, **left)


def _participant(request: HttpRequest, number: int, pk: int) -> Participant:
    ticket = get_ticket(actor_of(request), number)
    rows = Participant.objects.select_related("thread", "identity__person")
    return get_object_or_404(rows, pk=pk, thread__ticket=ticket)


def _joined(request: HttpRequest, number: int, row: Participant) -> HttpResponseBase:
    words = _("%(who)s takes part now") % {"who": row.identity}
    label = recipient_of(row.identity).label
    joined = {"recipient:joined": {"address": row.identity.value, "label": label}}
    return changed(request, number, words, is_reversible=False, **joined)


def _was(request: HttpRequest) -> object:
    value = request.POST.get("was")
    if value is None:
        return ...
    return whole_number(value)


def _value(name: str, text: str) -> object:
    return whole_number(text) if name in _NUMBERS else text
