"""What menus and filter panels offer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.core.db.briefly import briefly
from otklik.desk.models import Account, Brand
from otklik.people.models import Agent, Team
from otklik.tickets.models import Category, Kind, Priority, Status, StatusKind

Choices = list[tuple[Any, str]]


@dataclass(frozen=True, slots=True)
class FilterChoices:
    statuses: Choices
    priorities: Choices
    kinds: Choices
    teams: Choices
    assignees: Choices
    categories: Choices
    brands: Choices
    channels: Choices


def filter_choices(actor: Actor) -> FilterChoices:
    brands = [(brand.pk, brand.name) for brand in Brand.objects.all()]
    return FilterChoices(
        statuses=[(value, str(label)) for value, label in StatusKind.choices],
        priorities=[(value, str(label)) for value, label in reversed(Priority.choices)],
        kinds=kind_choices(),
        teams=team_choices(actor),
        assignees=[(0, _("Nobody")), *agent_choices(actor)],
        categories=category_choices(),
        brands=brands if len(brands) > 1 else [],
        channels=channel_choices(),
    )


def kind_choices() -> Choices:
    return [(value, str(label)) for value, label in Kind.choices]


def priority_choices() -> Choices:
    return [(value, str(label)) for value, label in Priority.choices]


def status_choices() -> Choices:
    language = (get_language() or "").partition("-")[0]
    return [(row.pk, row.label(language)) for row in list_statuses()]


def team_choices(actor: Actor) -> Choices:
    return _teams() if actor.is_staff else []


def agent_choices(actor: Actor) -> Choices:
    return _agents() if actor.is_staff else []


def category_choices() -> Choices:
    """The tree as "Machines / Heating", in its order."""
    return _categories((get_language() or "").partition("-")[0])


@briefly
def list_statuses() -> list[Status]:
    return list(Status.objects.filter(is_active=True))


@briefly
def _teams() -> Choices:
    return [(team.pk, team.name) for team in Team.objects.active()]


@briefly
def _agents() -> Choices:
    rows = Agent.objects.active().order_by("person__sort_name")
    return list(rows.values_list("pk", "person__name"))


@briefly
def _categories(language: str) -> Choices:
    rows = list(Category.objects.filter(is_active=True))
    labels = {row.pk: row.label(language) for row in rows}

    def words(row: Category) -> str:
        ids = [int(part) for part in row.path.split("/") if part] or [row.pk]
        return " / ".join(labels[pk] for pk in ids if pk in labels)

    return sorted(((row.pk, words(row)) for row in rows), key=lambda pair: pair[1])


def channel_choices() -> Choices:
    names = {
        "email": _("E-mail"),
        "web": _("Web form"),
        "phone": _("Call"),
        "visit": _("Visit"),
        "letter": _("Letter"),
    }
    kinds = Account.objects.order_by().values_list("kind", flat=True).distinct()
    return [(code, names.get(code, code)) for code in dict.fromkeys([*names, *kinds])]
