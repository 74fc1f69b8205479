"""Things that are opened: tickets, people, organisations, lists, pages of the settings."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import search
from otklik.people.queries import find_organisations, find_persons
from otklik.tickets.models import Ticket
from otklik.ui import marks as ui_marks
from otklik.ui.templatetags.ui import moment_words
from otklik.workspace.help import list_topics
from otklik.workspace.palette.sources import Asked, Item
from otklik.workspace.queries import marks
from otklik.workspace.queries.navigation import list_navigation
from otklik.workspace.settings_screens.sections import list_sections

_MOST = 6
_CANDIDATES = 120  # a palette wants the newest that fit; the list of a search looks further
_BIGGEST = (1 << 63) - 1


def tickets(asked: Asked) -> Iterator[Item]:
    """By number first, then by words."""
    rows = Ticket.objects.visible_to(asked.actor).select_related("requester", "status")
    number = asked.text.lstrip("№# \N{NO-BREAK SPACE}")
    shown = set()
    if number.isascii() and number.isdecimal() and int(number) <= _BIGGEST:
        for ticket in rows.filter(number=int(number)):
            shown.add(ticket.pk)
            yield _ticket(asked, ticket)
    if not asked.words:
        return
    hits = _hits(asked, asked.text) or (_hits(asked, asked.swapped) if asked.swapped else [])
    by_id = rows.filter(trashed_at=None, spam_at=None).in_bulk([hit.object_id for hit in hits])
    for hit in hits:
        if hit.object_id in by_id and hit.object_id not in shown:
            yield _ticket(asked, by_id[hit.object_id])


def _hits(asked: Asked, text: str) -> list[search.Hit]:
    return search.find(
        "ticket", text, scopes=asked.actor.scopes, limit=_MOST * 2, candidates=_CANDIDATES
    )


def people(asked: Asked) -> Iterator[Item]:
    if not asked.words or not asked.actor.can("people.view"):
        return
    persons = find_persons(asked.actor, asked.text, limit=5)
    organisations = find_organisations(asked.actor, asked.text, limit=3)
    if asked.swapped and not persons and not organisations:
        persons = find_persons(asked.actor, asked.swapped, limit=5)
        organisations = find_organisations(asked.actor, asked.swapped, limit=3)
    for person in persons:
        yield Item(
            asked.marked(person.name or person.address),
            reverse("people_screens:person", args=[person.id]),
            ui_marks.avatar(person.name or "?", person.id, 18),
            " · ".join(part for part in (person.address, person.organisation) if part),
        )
    for organisation in organisations:
        yield Item(
            asked.marked(organisation.name),
            reverse("people_screens:organisation", args=[organisation.id]),
            ui_marks.icon("building-2"),
            ", ".join(islice(organisation.domains, 2)),
        )


def lists(asked: Asked) -> Iterator[Item]:
    """Every list where nothing is typed, else those whose name fits."""
    for item in list_navigation(asked.actor, ""):
        if not asked.text or asked.fits(item.label):
            yield Item(asked.marked(item.label), item.url, ui_marks.icon(item.icon), item.count)


def settings(asked: Asked) -> Iterator[Item]:
    pages = [
        (str(section.label), section.path(), section.icon, str(group))
        for group, _code, sections in list_sections(asked.actor)
        for section in sections
    ]
    for label, url, icon, detail in pages:
        if asked.fits(label, detail):
            yield Item(asked.marked(label), url, ui_marks.icon(icon), detail)


def topics(asked: Asked) -> Iterator[Item]:
    for topic in list_topics():
        if asked.fits(str(topic.title), _("Help")):
            url = f"{reverse('workspace:help')}#help-{topic.code}"
            yield Item(asked.marked(str(topic.title)), url, ui_marks.icon("circle-help"))


def _ticket(asked: Asked, ticket: Ticket) -> Item:
    at = timezone.localtime(ticket.last_message_at)
    style = "time" if at.date() == timezone.localdate() else "date"
    about = (f"№ {ticket.number}", ticket.requester.name, moment_words(at, style))
    return Item(
        asked.marked(ticket.subject or _("No subject")),
        reverse("workspace:ticket", args=[ticket.number]),
        marks.status_mark(ticket.status),
        " · ".join(part for part in about if part),
    )
