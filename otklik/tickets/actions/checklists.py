"""Checklists of a ticket: added, changed, ticked, required before solving."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line
from otklik.people.models import Agent, Person, Team
from otklik.tickets import checklist_events as events
from otklik.tickets import permissions
from otklik.tickets.columns import write_columns
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.models import Checklist, ChecklistItem, ChecklistTemplate, Ticket

MOST_LISTS = 10
MOST_ITEMS = 100
MAX_TEXT = 300
_CHANGEABLE = ("text", "labels", "hint", "hints", "owner", "team", "due_at", "position")
_WORDED = {"text": "labels", "hint": "hints"}  # what is said in other languages of these


@action
def add_checklist(
    actor: Actor,
    ticket: Ticket,
    template: ChecklistTemplate | None = None,
    *,
    name: str = "",
    items: Sequence[str] = (),
    is_required: bool = False,
) -> Checklist:
    """From a template, or an own one with these items. Raises Forbidden and Invalid."""
    ticket = lock_ticket(actor, ticket)
    require(actor, permissions.CHANGE)
    if Checklist.objects.filter(ticket=ticket, removed_at=None).count() >= MOST_LISTS:
        raise Invalid(_("This ticket has as many checklists as it can."))
    made = Checklist.objects.create(
        ticket=ticket,
        template=template,
        name=_line(template.name if template else name or _("Checklist"), 100, "name"),
        labels=(template.labels or {}) if template else {},
        is_required=template.is_required if template else is_required,
    )
    now = made.created_at
    wanted: list[dict[str, Any]] = (
        template.items if template else [{"text": text} for text in items]
    )
    ChecklistItem.objects.bulk_create(
        ChecklistItem(
            checklist=made,
            text=_line(each["text"], MAX_TEXT, "text"),
            labels=each.get("labels") or {},
            hint=clean_line(each.get("hint") or "", MAX_TEXT),
            hints=each.get("hints") or {},
            due_at=now + timedelta(minutes=each["due_minutes"])
            if each.get("due_minutes")
            else None,
            position=position,
            **_owner(ticket, each.get("owner") or ""),
        )
        for position, each in enumerate(wanted[:MOST_ITEMS], 1)
    )
    operation = join(actor, "tickets.add_checklist")
    journal(operation, made, "removed_at", now, None)
    write_columns(ticket)
    added = events.ChecklistAdded(ticket.pk, made.pk, template.pk if template else None)
    record(actor.within(operation.pk), added)
    return made


@action
def change_checklist(
    actor: Actor,
    checklist: Checklist,
    *,
    name: str | None = None,
    labels: Mapping[str, str] | None = None,
    is_required: bool | None = None,
) -> Checklist:
    """A new name without ``labels`` is its name in every language. Raises Forbidden, Missing,
    Invalid."""
    ticket, held = _held(actor, checklist)
    require(actor, permissions.CHANGE)
    if name is not None:
        line = _line(name, 100, "name")
        held.labels = held.labels if line == held.name else {}
        held.name = line
    if labels is not None:
        held.labels = clean_words(labels, 100, "labels")
    acting = actor
    if is_required is not None and is_required != held.is_required:
        operation = join(actor, "tickets.change_checklist")
        journal(operation, held, "is_required", held.is_required, is_required)
        held.is_required = is_required
        acting = actor.within(operation.pk)
    held.save(update_fields=["name", "labels", "is_required"])
    write_columns(ticket)
    record(acting, events.ChecklistChanged(ticket.pk, held.pk))
    return held


@action
def remove_checklist(actor: Actor, checklist: Checklist) -> None:
    ticket, held = _held(actor, checklist)
    require(actor, permissions.CHANGE)
    operation, now = join(actor, "tickets.remove_checklist"), timezone.now()
    journal(operation, held, "removed_at", None, now)
    set_list(actor.within(operation.pk), ticket, held, "removed_at", now)


@action
def add_item(actor: Actor, checklist: Checklist, text: str, **values: Any) -> ChecklistItem:
    """``values``: labels, hint, hints, owner (a Person), team, due_at."""
    ticket, held = _held(actor, checklist)
    require(actor, permissions.NOTE)
    standing = ChecklistItem.objects.filter(checklist=held, removed_at=None)
    if standing.count() >= MOST_ITEMS:
        raise Invalid(_("This checklist is as long as it can be."))
    last = standing.aggregate(last=Max("position"))["last"] or 0
    made = ChecklistItem(checklist=held, text="", position=last + 1)
    _set(made, {"text": text, **values})
    made.save()
    operation = join(actor, "tickets.add_item")
    journal(operation, made, "removed_at", timezone.now(), None)
    write_columns(ticket)
    record(actor.within(operation.pk), events.ChecklistChanged(ticket.pk, held.pk, item_id=made.pk))
    return made


@action
def change_item(actor: Actor, item: ChecklistItem, **values: Any) -> ChecklistItem:
    """Text, labels, hint, hints, owner, team, due_at, position. Another text or hint without words
    in other languages is the same in each. Raises Forbidden, Missing, Invalid."""
    ticket, held = _held_item(actor, item)
    require(actor, permissions.NOTE)
    columns = {"owner": "owner_id", "team": "team_id"}
    told = [name for name in values if name in ("owner", "team", "due_at", "position")]
    before = {name: getattr(held, columns.get(name, name)) for name in told}
    _set(held, values)
    held.save()
    operation = join(actor, "tickets.change_item")
    for name, old in before.items():
        column = columns.get(name, name)
        journal(operation, held, column, old, getattr(held, column))
    write_columns(ticket)
    changed = events.ChecklistChanged(ticket.pk, held.checklist_id, item_id=held.pk)
    record(actor.within(operation.pk), changed)
    return held


@action
def move_item(actor: Actor, item: ChecklistItem, step: int) -> None:
    """One place up (-1) or down (1)."""
    ticket, held = _held_item(actor, item)
    require(actor, permissions.NOTE)
    rows = list(ChecklistItem.objects.filter(checklist_id=held.checklist_id, removed_at=None))
    at = next(number for number, row in enumerate(rows) if row.pk == held.pk)
    to = max(0, min(len(rows) - 1, at + step))
    if at == to:
        return
    rows.insert(to, rows.pop(at))
    operation = join(actor, "tickets.move_item")
    for position, row in enumerate(rows, 1):
        journal(operation, row, "position", row.position, position)
        ChecklistItem.objects.filter(pk=row.pk).update(position=position)
    write_columns(ticket)
    changed = events.ChecklistChanged(ticket.pk, held.checklist_id, item_id=held.pk)
    record(actor.within(operation.pk), changed)


@action
def remove_item(actor: Actor, item: ChecklistItem) -> None:
    ticket, held = _held_item(actor, item)
    require(actor, permissions.NOTE)
    operation, now = join(actor, "tickets.remove_item"), timezone.now()
    journal(operation, held, "removed_at", None, now)
    set_item(actor.within(operation.pk), ticket, held, "removed_at", now)


@action
def tick_item(actor: Actor, item: ChecklistItem, *, is_done: bool = True) -> ChecklistItem:
    """Done, or not done after all; who and when is kept. Nothing happens twice."""
    ticket, held = _held_item(actor, item)
    require(actor, permissions.NOTE)
    if (held.done_at is not None) == is_done:
        return held
    operation = join(actor, "tickets.tick" if is_done else "tickets.untick")
    at = timezone.now() if is_done else None
    person = actor.person_id if is_done else None
    journal(operation, held, "done_by_id", held.done_by_id, person)
    journal(operation, held, "done_at", held.done_at, at)
    held.done_by_id = person
    held.save(update_fields=["done_by"])
    set_item(actor.within(operation.pk), ticket, held, "done_at", at)
    return held


def set_list(actor: Actor, ticket: Ticket, held: Checklist, field: str, value: Any) -> None:
    setattr(held, field, value)
    held.save(update_fields=[field])
    write_columns(ticket)
    if field == "removed_at" and value is not None:
        record(actor, events.ChecklistRemoved(ticket.pk, held.pk))
    elif field == "removed_at":
        record(actor, events.ChecklistAdded(ticket.pk, held.pk, held.template_id))
    else:
        record(actor, events.ChecklistChanged(ticket.pk, held.pk))


def set_item(actor: Actor, ticket: Ticket, held: ChecklistItem, field: str, value: Any) -> None:
    setattr(held, field, value)
    held.save(update_fields=[field.removesuffix("_id")])
    write_columns(ticket)
    told: object = events.ChecklistChanged(ticket.pk, held.checklist_id, item_id=held.pk)
    if field == "done_at":
        made = events.ItemTicked if value is not None else events.ItemUnticked
        told = made(ticket.pk, held.checklist_id, held.pk)
    record(actor, told)


def _held(actor: Actor, checklist: Checklist) -> tuple[Ticket, Checklist]:
    ticket = lock_ticket(actor, checklist.ticket_id)
    held = Checklist.objects.filter(pk=checklist.pk, ticket=ticket, removed_at=None).first()
    if held is None:
        raise Missing(_("This checklist was taken away."))
    return ticket, held


def _held_item(actor: Actor, item: ChecklistItem) -> tuple[Ticket, ChecklistItem]:
    ticket = lock_ticket(actor, item.checklist.ticket_id)
    rows = ChecklistItem.objects.standing().filter(checklist__ticket=ticket)
    held = rows.select_related("checklist").filter(pk=item.pk).first()
    if held is None:
        raise Missing(_("This item was taken away."))
    return ticket, held


def _set(item: ChecklistItem, values: Mapping[str, Any]) -> None:
    unknown = set(values) - set(_CHANGEABLE)
    if unknown:
        raise Invalid(_("There is no such property."), fields=dict.fromkeys(sorted(unknown), ""))
    for name, value in values.items():
        if name in _WORDED:
            line = _line(value, MAX_TEXT, name) if name == "text" else clean_line(value, MAX_TEXT)
            if line != getattr(item, name):
                setattr(item, _WORDED[name], {})
            setattr(item, name, line)
        elif name not in _WORDED.values():
            setattr(item, name, value)
    for name in _WORDED.values():
        if name in values:
            setattr(item, name, clean_words(values[name] or {}, MAX_TEXT, name))
    if item.due_at is not None and not 2000 <= item.due_at.year <= 2200:
        raise Invalid(_("Say a date and a time."), fields={"due_at": item.due_at.isoformat()})


def _line(text: str, length: int, field: str) -> str:
    line = clean_line(str(text))
    if not line or len(line) > length:
        words = _("Between 1 and %(count)d characters.") % {"count": length}
        raise Invalid(words, fields={field: words})
    return line


def _owner(ticket: Ticket, spelled: str) -> dict[str, Any]:
    """Who an item falls to when it is added; those who left get nothing."""
    kind, _colon, pk = spelled.partition(":")
    if kind == "assignee":
        agent = Agent.objects.filter(pk=ticket.assignee_id or 0).first()
        return {"owner_id": agent.person_id if agent else None}
    if kind == "team":
        return {"team": Team.objects.filter(pk=int(pk), is_active=True).first()}
    if kind == "person":
        person = Person.objects.filter(pk=int(pk), erased_at=None).first()
        return {"owner": person}
    return {}


def parse_moment(value: datetime | str | None) -> Any:
    from django.utils.dateparse import parse_datetime

    return parse_datetime(value) if isinstance(value, str) else value


def restore_list(actor: Actor, pk: int, field: str, value: Any) -> None:
    held = Checklist.objects.select_for_update().filter(pk=pk).first()
    if held is None:
        raise Missing(_("This checklist was taken away."))
    ticket = lock_ticket(actor, held.ticket_id)
    at = parse_moment(value) if field == "removed_at" else value
    set_list(actor, ticket, held, field, at)


def restore_item(actor: Actor, pk: int, field: str, value: Any) -> None:
    held = ChecklistItem.objects.select_related("checklist").filter(pk=pk).first()
    if held is None:
        raise Missing(_("This item was taken away."))
    ticket = lock_ticket(actor, held.checklist.ticket_id)
    at = parse_moment(value) if field.endswith("_at") else value
    set_item(actor, ticket, held, field, at)
