"""What menus and filter panels offer."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.utils.translation import get_language

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.people.models import Agent, Team
from otklik.tickets.models import Category, Kind, Priority
from otklik.tickets.steps import list_statuses

Choices = tuple[tuple[Any, str], ...]


def kind_choices() -> Choices:
    return _kinds(get_language())


def priority_choices() -> Choices:
    return _priorities(get_language())


def status_choices() -> Choices:
    language = (get_language() or "").partition("-")[0]
    return tuple((row.pk, row.label(language)) for row in list_statuses())


def team_choices(actor: Actor) -> Choices:
    return _teams() if actor.is_staff else ()


def agent_choices(actor: Actor) -> Choices:
    return _agents() if actor.is_staff else ()


def category_choices() -> Choices:
    """The tree as "Machines / Heating", in its order."""
    return _categories((get_language() or "").partition("-")[0])


@cache
def _kinds(_language: str | None) -> Choices:
    return tuple((value, str(label)) for value, label in Kind.choices)


@cache
def _priorities(_language: str | None) -> Choices:
    return tuple((value, str(label)) for value, label in Priority.choices)


@briefly
def _teams() -> Choices:
    return tuple((team.pk, team.name) for team in Team.objects.active())


@briefly
def _agents() -> Choices:
    rows = Agent.objects.active().order_by("person__sort_name")
    return tuple(rows.values_list("pk", "person__name"))


@briefly
def _categories(language: str) -> Choices:
    rows = list(Category.objects.filter(is_active=True))
    labels = {row.pk: row.label(language) for row in rows}

    def words(row: Category) -> str:
        ids = [int(part) for part in row.path.split("/") if part] or [row.pk]
        return " / ".join(labels[pk] for pk in ids if pk in labels)

    return tuple(sorted(((row.pk, words(row)) for row in rows), key=lambda pair: pair[1]))
