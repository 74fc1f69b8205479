"""Acts with a value: assign to somebody, hand over, tag; and what may be made anew. Those without
one have keys and menus, which the page gathers itself."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlencode

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _

from otklik.kit.text import clean_line, sort_key
from otklik.tickets import permissions
from otklik.tickets.models import Tag, Ticket, TicketTag
from otklik.tickets.steps import list_next
from otklik.ui import marks as ui_marks
from otklik.workspace.palette.sources import Asked, Item
from otklik.workspace.queries import choices, marks
from otklik.workspace.queries.macros import list_macros

_MOST_TAGS = 3
_MOST_MACROS = 5
_LONGEST_TAG = 60
_LONGEST_SUBJECT = 200


def title(asked: Asked) -> str:
    assert asked.ticket is not None
    return _("Change № %(number)d") % {"number": asked.ticket.number}


def on_ticket(asked: Asked) -> Iterator[Item]:
    """What can be set on the open ticket and fits the words."""
    ticket, actor = asked.ticket, asked.actor
    if ticket is None or not asked.words or ticket.trashed_at is not None:
        return
    if actor.can(permissions.ASSIGN):
        for pk, name in choices.agent_choices(actor):
            if pk != ticket.assignee_id:
                yield from _offer(asked, _("Assign to %(name)s"), name, "user", "assignee", pk)
        for pk, name in choices.team_choices(actor):
            if pk != ticket.team_id:
                yield from _offer(asked, _("Hand over to %(name)s"), name, "users", "team", pk)
    if not actor.can(permissions.CHANGE):
        return
    for macro in list_macros(actor, asked.text, limit=_MOST_MACROS):
        label = _("Macro: %(name)s") % {"name": macro.label_now()}
        url = reverse("workspace:macro", args=[ticket.number, macro.pk])
        yield Item(asked.marked(label), url, ui_marks.icon("wand-sparkles"))
    for row in list_next(ticket.status_id):
        if row.pk != ticket.status_id:
            words = marks.status_words(row)
            yield from _offer(asked, _("Status: %(name)s"), words, "circle-dot", "status", row.pk)
    for name, column, values, words in (
        ("priority", "priority", choices.priority_choices(), _("Priority: %(name)s")),
        ("kind", "kind", choices.kind_choices(), _("Kind: %(name)s")),
        ("category", "category_id", choices.category_choices(), _("Category: %(name)s")),
    ):
        for value, label in values:
            if value != getattr(ticket, column):
                yield from _offer(asked, words, label, "sliders-horizontal", name, value)
    yield from _tags(asked)


def new(asked: Asked) -> Iterator[Item]:
    """What would be called as it is typed."""
    if asked.text and asked.actor.can(permissions.OPEN):
        subject = clean_line(asked.text)[:_LONGEST_SUBJECT]
        yield Item(
            _("New ticket “%(subject)s”") % {"subject": subject},
            f"{reverse('workspace:new')}?{urlencode({'subject': subject})}",
            ui_marks.icon("plus"),
        )
    yield from _new_tag(asked)


def _offer(
    asked: Asked, words: str, name: str, icon: str, what: str, value: object
) -> Iterator[Item]:
    label = words % {"name": name}
    if not asked.fits(label):
        return
    assert asked.ticket is not None
    number = asked.ticket.number
    if what in {"assignee", "team", "status"}:
        url = reverse(f"workspace:{what}", args=[number])
    else:
        url = reverse("workspace:field", args=[number, what])
    fields = {"value": str(value)}
    yield Item(asked.marked(label), url, ui_marks.icon(icon), fields=fields)


def _tags(asked: Asked) -> Iterator[Item]:
    """Known tags that begin so."""
    ticket = asked.ticket
    assert ticket is not None
    key, swapped = (sort_key(text, _LONGEST_TAG) for text in (asked.text, asked.swapped))
    mine = _tags_of(ticket)
    begins = Q(key__startswith=key)
    if swapped:
        begins |= Q(key__startswith=swapped)
    known = Tag.objects.filter(begins).order_by("key")[: _MOST_TAGS + len(mine)]
    taken = {tag_key for tag_key, _name in mine}
    for name in [tag.name for tag in known if tag.key not in taken][:_MOST_TAGS]:
        label = _("Add the tag “%(name)s”") % {"name": name}
        yield _tagging(ticket, mine, name, asked.marked(label))


def _new_tag(asked: Asked) -> Iterator[Item]:
    """Where no tag is called so."""
    ticket, name = asked.ticket, clean_line(asked.text)
    if ticket is None or not asked.words or ticket.trashed_at is not None:
        return
    if not asked.actor.can(permissions.CHANGE) or len(name) > _LONGEST_TAG or "," in name:
        return
    if not Tag.objects.filter(key=sort_key(name, _LONGEST_TAG)).exists():
        label = _("New tag “%(name)s”") % {"name": name}
        yield _tagging(ticket, _tags_of(ticket), name, label)


def _tags_of(ticket: Ticket) -> list[tuple[str, str]]:
    """Keys and names of those it has."""
    rows = TicketTag.objects.filter(ticket=ticket).order_by("id")
    return list(rows.values_list("tag__key", "tag__name"))


def _tagging(ticket: Ticket, mine: list[tuple[str, str]], name: str, label: str) -> Item:
    url = reverse("workspace:tags", args=[ticket.number])
    tags = ",".join([*(tag_name for _key, tag_name in mine), name])
    return Item(label, url, ui_marks.icon("tag"), fields={"tags": tags})
