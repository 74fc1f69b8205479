"""What can be asked of a ticket and done to it, for views, rules and macros."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.vocabulary import (
    Condition,
    Effect,
    Type,
    register_condition,
    register_effect,
    register_placeholder,
)
from otklik.people.models import Agent, Team
from otklik.tickets import actions
from otklik.tickets.models import Category, Kind, Priority, StatusKind, Ticket

Rows = Callable[[], Sequence[tuple[Any, str]]]


def _teams() -> Sequence[tuple[int, str]]:
    return [(team.pk, team.name) for team in Team.objects.filter(is_active=True)]


def _agents() -> Sequence[tuple[int, str]]:
    rows = Agent.objects.filter(is_active=True).select_related("person")
    return [(agent.pk, agent.person.name) for agent in rows.order_by("person__sort_name")]


def _categories() -> Sequence[tuple[int, str]]:
    return [(row.pk, row.name) for row in Category.objects.filter(is_active=True)]


def _statuses() -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in StatusKind.choices]


def _kinds() -> Sequence[tuple[str, str]]:
    return [(value, str(label)) for value, label in Kind.choices]


def _priorities() -> Sequence[tuple[int, str]]:
    return [(value, str(label)) for value, label in Priority.choices]


CONDITIONS = (
    Condition("status", _("Status"), Type.CHOICE, "status_kind",
              lambda ticket: ticket.status_kind, _statuses),
    Condition("kind", _("Kind"), Type.CHOICE, "kind", lambda ticket: ticket.kind, _kinds),
    Condition("priority", _("Priority"), Type.NUMBER, "priority",
              lambda ticket: ticket.priority, _priorities),
    Condition("team", _("Team"), Type.CHOICE, "team_id", lambda ticket: ticket.team_id, _teams),
    Condition("assignee", _("Agent"), Type.CHOICE, "assignee_id",
              lambda ticket: ticket.assignee_id, _agents),
    Condition("category", _("Category"), Type.CHOICE, "category_id",
              lambda ticket: ticket.category_id, _categories),
    Condition("organisation", _("Organisation"), Type.CHOICE, "organisation_id",
              lambda ticket: ticket.organisation_id),
    Condition("channel", _("Channel"), Type.CHOICE, "last_channel",
              lambda ticket: ticket.last_channel),
    Condition("created", _("Opened"), Type.MOMENT, "created_at",
              lambda ticket: ticket.created_at),
    Condition("updated", _("Changed"), Type.MOMENT, "updated_at",
              lambda ticket: ticket.updated_at),
    Condition("waiting", _("Waiting since"), Type.MOMENT, "waiting_since",
              lambda ticket: ticket.waiting_since),
)  # fmt: skip


def _choose(name: str, label: Any, choices: Rows) -> Callable[[], Mapping[str, forms.Field]]:
    return lambda: {name: forms.ChoiceField(label=label, choices=choices())}


def _set_status(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> object:
    return actions.change_status(actor, ticket, params["status"])


def _set_priority(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> object:
    return actions.change_ticket(actor, ticket, {"priority": int(params["priority"])})


def _assign(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> object:
    pk = params.get("assignee")
    agent = Agent.objects.get(pk=pk) if pk else None
    return actions.assign_ticket(actor, ticket, agent)


def _transfer(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> object:
    pk = params.get("team")
    team = Team.objects.get(pk=pk) if pk else None
    return actions.transfer_ticket(actor, ticket, team)


def _tag(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> object:
    return actions.tag_ticket(actor, ticket, str(params["tag"]))


EFFECTS = (
    Effect("set_status", _("Set status"), _set_status, _choose("status", _("Status"), _statuses)),
    Effect(
        "set_priority",
        _("Set priority"),
        _set_priority,
        _choose("priority", _("Priority"), _priorities),
    ),
    Effect("assign", _("Assign"), _assign, _choose("assignee", _("Agent"), _agents)),
    Effect("transfer", _("Transfer"), _transfer, _choose("team", _("Team"), _teams)),
    Effect(
        "tag", _("Add a tag"), _tag, lambda: {"tag": forms.CharField(label=_("Tag"), max_length=60)}
    ),
)

PLACEHOLDERS = (
    ("ticket.number", _("Ticket number")),
    ("ticket.subject", _("Subject")),
    ("ticket.url", _("Address of the request in the portal")),
)


def wire() -> None:
    for condition in CONDITIONS:
        register_condition("ticket", condition)
    for effect in EFFECTS:
        register_effect("ticket", effect)
    for name, label in PLACEHOLDERS:
        register_placeholder(name, label)
