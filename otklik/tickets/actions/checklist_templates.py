"""Templates of checklists."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.db.briefly import forget_after_commit
from otklik.core.events.record import record
from otklik.core.operations.actions import join, journal
from otklik.core.vocabulary.tongues import clean_words
from otklik.kit.text import clean_line
from otklik.people.models import Person, Team
from otklik.tickets import permissions
from otklik.tickets.checklist_events import TemplateArchived, TemplateSaved
from otklik.tickets.models import Category, ChecklistTemplate, Kind

MOST_ITEMS = 100
MAX_MINUTES = 2 * 366 * 24 * 60


@action
def save_template(
    actor: Actor,
    template: ChecklistTemplate | None,
    *,
    name: str,
    items: list[dict[str, Any]],
    version: int | None = None,
    **details: Any,
) -> ChecklistTemplate:
    """A new one, or all of one. ``details``: labels, hint, hints, is_required, is_automatic,
    kinds, categories, teams. Raises Forbidden, Invalid, and Conflict with ``version`` when it
    moved on."""
    _demand(actor)
    held = ChecklistTemplate()
    if template is not None:
        held = ChecklistTemplate.objects.select_for_update().get(pk=template.pk)
        if version is not None and held.version != version:
            raise Conflict(_("Somebody changed this checklist in the meantime."))
        held.version += 1
    held.name = clean_line(name)
    if not held.name or len(held.name) > 100:
        _refuse("name", _("Between 1 and %(count)d characters.") % {"count": 100})
    held.items = _items(items)
    held.labels = clean_words(details.get("labels") or {}, 100, "labels")
    held.hint = clean_line(str(details.get("hint", "")), 300)
    held.hints = clean_words(details.get("hints") or {}, 300, "hints")
    held.is_required = bool(details.get("is_required"))
    held.is_automatic = bool(details.get("is_automatic"))
    held.kinds = [kind for kind in Kind.values if kind in (details.get("kinds") or ())]
    held.categories = _known(Category, details.get("categories") or (), "categories")
    held.teams = _known(Team, details.get("teams") or (), "teams")
    held.save()
    forget_after_commit()
    record(actor, TemplateSaved(template_id=held.pk))
    return held


@action
def archive_template(actor: Actor, template: ChecklistTemplate) -> None:
    """Offered no more; tickets keep what was added."""
    _demand(actor)
    held = ChecklistTemplate.objects.select_for_update().get(pk=template.pk)
    if held.archived_at is not None:
        return
    operation, now = join(actor, "tickets.archive_template"), timezone.now()
    journal(operation, held, "archived_at", None, now)
    restore_template(actor.within(operation.pk), held.pk, "archived_at", now)


def restore_template(actor: Actor, pk: int, field: str, value: Any) -> None:
    """Archive or bring back; the undo of either."""
    from django.utils.dateparse import parse_datetime

    at = parse_datetime(value) if isinstance(value, str) else value
    ChecklistTemplate.objects.filter(pk=pk).update(archived_at=at)
    forget_after_commit()
    told = TemplateArchived if at is not None else TemplateSaved
    record(actor, told(template_id=pk))


def _items(given: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not 1 <= len(given) <= MOST_ITEMS:
        _refuse("items", _("From 1 to 100 items, each on a line of its own."))
    found = []
    for each in given:
        text = clean_line(str(each.get("text", "")))
        if not text or len(text) > 300:
            _refuse("items", _("Between 1 and %(count)d characters.") % {"count": 300})
        minutes = each.get("due_minutes")
        if minutes is not None and not (isinstance(minutes, int) and 0 < minutes <= MAX_MINUTES):
            _refuse("items", _("Choose a time within two years."))
        owner = str(each.get("owner") or "")
        _check_owner(owner)
        found.append(
            {
                "text": text,
                "labels": clean_words(each.get("labels") or {}, 300, "items"),
                "hint": clean_line(str(each.get("hint") or ""), 300),
                "hints": clean_words(each.get("hints") or {}, 300, "items"),
                "owner": owner,
                "due_minutes": minutes,
            }
        )
    return found


def _check_owner(owner: str) -> None:
    kind, _colon, pk = owner.partition(":")
    if owner in ("", "assignee"):
        return
    models: dict[str, Any] = {"team": Team, "person": Person}
    is_id = pk.isascii() and pk.isdecimal() and len(pk) < 19
    if kind not in models or not is_id or not models[kind].objects.filter(pk=int(pk)).exists():
        _refuse("items", _("There is nobody called so: %(name)s") % {"name": owner})


def _known(model: Any, given: Any, field: str) -> list[int]:
    ids = {int(pk) for pk in given}
    found = set(model.objects.filter(pk__in=ids).values_list("pk", flat=True))
    if found != ids:
        _refuse(field, _("Choose from the list."))
    return sorted(found)


def _refuse(field: str, words: str) -> None:
    raise Invalid(words, fields={field: words})


def _demand(actor: Actor) -> None:
    if not actor.can(permissions.MANAGE):
        raise Forbidden(_("Only an administrator may change this."))
