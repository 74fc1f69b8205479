"""What the editor offers while one types: canned replies, colleagues, tickets."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string

from otklik.core.access import Actor
from otklik.kit.names import is_given_name, name_groups
from otklik.kit.numbers import whole_number
from otklik.kit.text import normalise, sort_key
from otklik.people.models import Agent, Team
from otklik.tickets.actions.mentioning import readers_of
from otklik.tickets.models import Ticket
from otklik.workspace.canned import fill_canned, find_canned, insert_canned
from otklik.workspace.models import CannedReply
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.references import find_references
from otklik.workspace.web.staff import actor_of, staff_view

_MOST = 8
_MOST_CANNED = 10
_LOOKED_AT = 400  # agents of a large desk that are looked through for a name


@dataclass(frozen=True, slots=True)
class Colleague:
    ref: str
    label: str
    name: str
    detail: str
    person_id: int | None = None


@staff_view()
def canned(request: HttpRequest, number: int) -> HttpResponse:
    """Canned replies that fit what is typed, filled in for this ticket."""
    actor, ticket = actor_of(request), get_ticket(actor_of(request), number)
    rows = find_canned(actor, _asked(request), limit=_MOST_CANNED)
    offered = [(row, fill_canned(actor, row, ticket)) for row in rows]
    context = {"offered": offered, "ticket": ticket}
    return render(request, "workspace/parts/canned_options.html", context)


@staff_view("POST")
def insertion(request: HttpRequest, number: int, canned_id: int) -> HttpResponse:
    """One of them for the editor, its files as chips beside it."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    rows = CannedReply.objects.visible_to(actor).active()
    row = get_object_or_404(rows.prefetch_related("texts", "files"), pk=canned_id)
    filled = insert_canned(actor, row, ticket)
    chips = [
        render_to_string("tickets/upload_chip.html", {"upload": upload}, request)
        for upload in filled.uploads
    ]
    return JsonResponse({"html": filled.html, "files": "".join(chips), "empty": list(filled.empty)})


@staff_view()
def mentions(request: HttpRequest) -> HttpResponse:
    """Colleagues and teams; with ``ticket`` those who may see it."""
    actor = actor_of(request)
    number = whole_number(request.GET.get("ticket"))
    ticket = get_ticket(actor, number) if number else None
    found = find_colleagues(actor, _asked(request), ticket)
    return render(request, "workspace/parts/mention_options.html", {"found": found})


@staff_view()
def references(request: HttpRequest) -> HttpResponse:
    """Tickets, and whatever rooms above add, by number or words."""
    found = find_references(actor_of(request), _asked(request), _MOST)
    return render(request, "workspace/parts/reference_options.html", {"found": found})


def find_colleagues(actor: Actor, query: str, ticket: Ticket | None) -> list[Colleague]:
    """By any word of the name, also by a short form of it ("Маша" for Мария); teams after them."""
    words = normalise(query).split()[:4]
    agents = Agent.objects.visible_to(actor).active().with_person().order_by("person__sort_name")
    fitting = [
        agent
        for agent in agents.exclude(person_id=actor.person_id)[:_LOOKED_AT]
        if all(_fits(agent.person.sort_name, word) for word in words)
    ][: _MOST * 3]
    if ticket is not None:
        seen = set(readers_of(ticket, [agent.person_id for agent in fitting]))
        fitting = [agent for agent in fitting if agent.person_id in seen]
    people = [
        Colleague(
            ref=f"person:{agent.person_id}",
            label=f"@{agent.person.name}",
            name=agent.person.name,
            detail=agent.person.job_title,
            person_id=agent.person_id,
        )
        for agent in fitting[:_MOST]
    ]
    rows = Team.objects.visible_to(actor).active()
    for word in words:
        rows = rows.filter(sort_name__contains=sort_key(word))
    teams = [Colleague(f"team:{team.pk}", f"@{team.name}", team.name, "") for team in rows[:4]]
    return [*people, *teams]


def _fits(name: str, word: str) -> bool:
    parts = name.split()
    if any(part.startswith(word) for part in parts):
        return True
    if not is_given_name(word):
        return False
    groups = name_groups(word)
    return any(groups & name_groups(part) for part in parts)


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:100]
