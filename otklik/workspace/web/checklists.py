"""Checklists of a ticket, their items, and one's own items of all tickets."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Invalid
from otklik.kit.numbers import whole_number
from otklik.people.models import Agent, Person
from otklik.tickets.actions import checklists as actions
from otklik.tickets.checklists import is_late, list_own_items
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate
from otklik.tickets.snoozing import read_moment
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.changes import changed, ticket_change
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, staff_view

_MOST = 200


@staff_view()
def own(request: HttpRequest) -> HttpResponseBase:
    """Open items of this one and of their teams."""
    now = timezone.now()
    rows = list(list_own_items(actor_of(request))[:_MOST])
    context = {"rows": [(row, is_late(row, now)) for row in rows]}
    context |= shell_context(request, "reminders")
    return render(request, "workspace/checklist_items.html", context)


@ticket_change
def add(request: HttpRequest, number: int) -> HttpResponseBase:
    """From ``template``, or an own one called ``name`` with a line of ``items`` for each."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    pk = whole_number(request.POST.get("template"))
    if pk:
        template = get_object_or_404(ChecklistTemplate, pk=pk, archived_at=None)
        actions.add_checklist(actor, ticket, template)
        return changed(request, number, _("Checklist added"))
    items = [line for line in request.POST.get("items", "")[:40_000].splitlines() if line.strip()]
    if not items:
        raise Invalid(_("Write at least one item."))
    name = request.POST.get("name", "")
    actions.add_checklist(actor, ticket, name=name, items=items)
    return changed(request, number, _("Checklist added"))


@ticket_change
def one(request: HttpRequest, number: int, checklist: int) -> HttpResponseBase:
    """``value``: remove, required, optional, or add with ``text``."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    found = get_object_or_404(Checklist, pk=checklist, ticket=ticket)
    value = request.POST.get("value", "add")
    if value == "remove":
        actions.remove_checklist(actor, found)
        return changed(request, number, _("Checklist taken away"))
    if value in ("required", "optional"):
        actions.change_checklist(actor, found, is_required=value == "required")
        return changed(request, number, _("Saved"))
    actions.add_item(actor, found, request.POST.get("text", ""))
    return changed(request, number, _("Item added"))


@ticket_change
def item(request: HttpRequest, number: int, item: int) -> HttpResponseBase:
    """``value``: done, up, down, remove, save with ``text``, ``owner``, ``due``; else not done."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    rows = ChecklistItem.objects.select_related("checklist").filter(checklist__ticket=ticket)
    found = get_object_or_404(rows, pk=item)
    value = request.POST.get("value", "")
    if value in ("up", "down"):
        actions.move_item(actor, found, -1 if value == "up" else 1)
        return changed(request, number, _("Item moved"))
    if value == "remove":
        actions.remove_item(actor, found)
        return changed(request, number, _("Item taken out"))
    if value == "save":
        values: dict[str, Any] = {"owner": _owner(request, found), "due_at": _due(request)}
        text = request.POST.get("text", "")
        if text != found.label_now():  # as it was read, in whichever language
            values["text"] = text
        actions.change_item(actor, found, **values)
        return changed(request, number, _("Saved"))
    actions.tick_item(actor, found, is_done=value == "done")
    return changed(request, number, _("Done") if value == "done" else _("Not done"))


def _owner(request: HttpRequest, found: ChecklistItem) -> Person | None:
    """An agent by id, or whoever has it now and is none any more."""
    asked = request.POST.get("owner", "")
    if asked == "same":
        return found.owner
    agents = Agent.objects.visible_to(actor_of(request)).active().with_person()
    pk = whole_number(asked)
    person: Person | None = get_object_or_404(agents, pk=pk).person if pk else None
    return person


def _due(request: HttpRequest) -> datetime | None:
    written = request.POST.get("due", "").strip()
    return read_moment(written) if written else None
