"""All talk with one person: on their page, and in a drawer beside a ticket."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from otklik.core.access import Actor, Invalid
from otklik.kit.numbers import whole_number
from otklik.kit.text import snippet
from otklik.people.looks import PERSON_PAGE, note_look
from otklik.people.models import Person
from otklik.people.permissions import VIEW
from otklik.people.queries import find_present
from otklik.tickets.conditions import channels
from otklik.tickets.models import Direction, Message, MessageKind, Ticket
from otklik.tickets.queries.talk_of_person import Asked, get_talk_of_person, list_channels_of
from otklik.workspace.people_screens.pages import render_page
from otklik.workspace.queries import marks
from otklik.workspace.settings_screens.doors import actor_of, open_to
from otklik.workspace.web.staff import is_fragment

_LENGTH = 700


@dataclass(frozen=True, slots=True)
class TalkLine:
    """One message; ``text`` is plain. ``opens`` a ticket: its subject stands above."""

    id: int
    who: str
    side: str  # in, out or note
    text: str
    is_cut: bool
    files: int
    at: datetime
    icon: str
    number: int
    subject: str
    url: str
    mark: SafeString
    opens: bool


def talk_context(actor: Actor, person: Person, given: Any, *, page_url: str) -> dict[str, Any]:
    """Raises Invalid for conditions or a cursor that make no sense."""
    number = whole_number(given.get("ticket"))
    ticket = None
    if number:
        rows = Ticket.objects.visible_to(actor).filter(requester=person, number=number)
        ticket = rows.first()
        if ticket is None:
            raise Invalid(_("There is no such ticket, or it is not yours to see."))
    asked = Asked(
        channel=given.get("channel", "")[:30],
        ticket_id=ticket.pk if ticket else None,
        what=given.get("what", "")[:10],
        words=given.get("q", "").strip()[:200],
    )
    found = get_talk_of_person(actor, person.pk, asked, cursor=given.get("before", "")[:500])
    kept = {
        "q": asked.words,
        "channel": asked.channel,
        "what": asked.what,
        "ticket": str(number) if number else "",
    }
    used = list_channels_of(actor, person.pk)
    kept = {name: value for name, value in kept.items() if value}
    next_query = urlencode({**kept, "before": found.next}) if found.next else ""
    return {
        "person": person,
        "lines": _lines(found.messages, found.tickets),
        "next_url": f"{page_url}?{next_query}" if next_query else "",
        "is_cut": found.is_cut,
        "asked": asked,
        "is_asked": bool(kept),
        "talk_ticket": ticket,
        "talk_url": page_url,
        "channels": [(code, str(name)) for code, name in channels() if code in used],
        "whats": [("in", _("They wrote")), ("out", _("We wrote")), ("note", _("Notes"))],
    }


@require_safe
@open_to(VIEW)
def talk(request: HttpRequest, person_id: int) -> HttpResponseBase:
    """A page of its own; to a script the lines, or with ``beside`` the whole drawer."""
    actor = actor_of(request)
    rows = Person.objects.visible_to(actor).with_details()
    person = rows.filter(pk=person_id).first()
    if person is None:
        raise Http404
    if person.merged_into_id is not None:
        return redirect("people_screens:talk", find_present(person).pk)
    note_look(actor, person.pk, PERSON_PAGE)
    url = reverse("people_screens:talk", args=[person.pk])
    try:
        context = talk_context(actor, person, request.GET, page_url=url)
    except Invalid as refused:
        return _refused(request, person, refused)
    if is_fragment(request):
        template = "talk_lines"
        if "beside" in request.GET:
            template = "talk_drawer"
        elif "whole" in request.GET:
            template = "talk_whole"
        return render(request, f"workspace/people/parts/{template}.html", context)
    return render_page(request, "workspace/people/talk.html", context)


def _refused(request: HttpRequest, person: Person, refused: Invalid) -> HttpResponse:
    url = reverse("people_screens:talk", args=[person.pk])
    context = {"person": person, "lines": [], "refusal": str(refused), "talk_url": url}
    if is_fragment(request):
        return render(request, "workspace/people/parts/talk_lines.html", context, status=422)
    return render_page(request, "workspace/people/talk.html", context, status=422)


def _lines(messages: list[Message], tickets: dict[int, Ticket]) -> list[TalkLine]:
    lines = []
    before = None
    for row in messages:
        ticket = tickets[row.ticket_id]
        text = (row.body.reply_text or row.body.text).strip()
        if row.author is not None:
            who = str(row.author)
        else:
            who = str(row.author_identity or _("The desk"))
        lines.append(
            TalkLine(
                id=row.pk,
                who=who,
                side=_side(row),
                text=text if len(text) <= _LENGTH else snippet_lines(text),
                is_cut=len(text) > _LENGTH,
                files=len(row.attachments.all()),
                at=row.created_at,
                icon=marks.channel_icon(row.channel),
                number=ticket.number,
                subject=ticket.subject or _("(no subject)"),
                url=f"{reverse('workspace:ticket', args=[ticket.number])}#message-{row.pk}",
                mark=marks.status_mark(ticket.status),
                opens=row.ticket_id != before,
            )
        )
        before = row.ticket_id
    return lines


def snippet_lines(text: str) -> str:
    """The beginning with its lines, cut at a word."""
    head = text[:_LENGTH].rsplit(None, 1)[0]
    return f"{head.rstrip()}…" if head else snippet(text, _LENGTH)


def _side(message: Message) -> str:
    if message.kind == MessageKind.NOTE:
        return "note"
    return "in" if message.direction == Direction.IN else "out"
