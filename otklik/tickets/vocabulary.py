"""What can be asked of a ticket and done to it, for views, rules and macros."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.vocabulary import (
    Condition,
    Effect,
    ValueType,
    register_condition,
    register_effect,
)
from otklik.people.models import Agent, Team
from otklik.tickets import actions, placeholders
from otklik.tickets.models import Category, Kind, Priority, StatusKind, Ticket
from otklik.tickets.snoozing import find_preset

MODEL = "tickets.Ticket"


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


def _tag_ids(ticket: Ticket) -> frozenset[int]:
    return frozenset(ticket.tags.values_list("pk", flat=True))


CONDITIONS = (
    Condition(
        "ticket.status",
        _("Status"),
        ValueType.CHOICE,
        MODEL,
        "status_kind",
        lambda ticket: ticket.status_kind,
        _statuses,
    ),
    Condition(
        "ticket.kind",
        _("Kind"),
        ValueType.CHOICE,
        MODEL,
        "kind",
        lambda ticket: ticket.kind,
        _kinds,
    ),
    Condition(
        "ticket.priority",
        _("Priority"),
        ValueType.NUMBER,
        MODEL,
        "priority",
        lambda ticket: ticket.priority,
        _priorities,
    ),
    Condition(
        "ticket.team",
        _("Team"),
        ValueType.REFERENCE,
        MODEL,
        "team",
        lambda ticket: ticket.team_id,
        _teams,
    ),
    Condition(
        "ticket.assignee",
        _("Agent"),
        ValueType.REFERENCE,
        MODEL,
        "assignee",
        lambda ticket: ticket.assignee_id,
        _agents,
    ),
    Condition(
        "ticket.category",
        _("Category"),
        ValueType.REFERENCE,
        MODEL,
        "category",
        lambda ticket: ticket.category_id,
        _categories,
    ),
    Condition("ticket.tags", _("Tags"), ValueType.REFERENCES, MODEL, "tags", _tag_ids),
    Condition(
        "ticket.created",
        _("Opened"),
        ValueType.MOMENT,
        MODEL,
        "created_at",
        lambda ticket: ticket.created_at,
    ),
    Condition(
        "ticket.updated",
        _("Changed"),
        ValueType.MOMENT,
        MODEL,
        "updated_at",
        lambda ticket: ticket.updated_at,
    ),
    Condition(
        "ticket.waiting",
        _("Waiting since"),
        ValueType.MOMENT,
        MODEL,
        "waiting_since",
        lambda ticket: ticket.waiting_since,
    ),
    Condition(
        "ticket.snoozed_until",
        _("Snoozed until"),
        ValueType.MOMENT,
        MODEL,
        "snoozed_until",
        lambda ticket: ticket.snoozed_until,
    ),
)


class _StatusForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), choices=_statuses)


class _PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(label=_("Priority"), choices=_priorities, coerce=int)


class _AgentForm(forms.Form):
    agent = forms.ModelChoiceField(
        Agent.objects.filter(is_active=True), label=_("Agent"), required=False
    )


class _TeamForm(forms.Form):
    team = forms.ModelChoiceField(
        Team.objects.filter(is_active=True), label=_("Team"), required=False
    )


class _SnoozeForm(forms.Form):
    until = forms.ChoiceField(
        label=_("Until"),
        choices=(
            ("hour", _("In an hour")),
            ("tomorrow", _("Tomorrow morning")),
            ("monday", _("On Monday")),
            ("answer", _("Until the customer answers")),
        ),
    )


class _TagForm(forms.Form):
    tag = forms.CharField(label=_("Tag"), max_length=60)


def _set_status(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    actions.change_status(actor, ticket, params["status"])


def _set_priority(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    actions.change_ticket(actor, ticket, {"priority": params["priority"]})


def _assign(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    actions.assign_ticket(actor, ticket, params["agent"])


def _transfer(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    actions.transfer_ticket(actor, ticket, params["team"])


def _snooze(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    code = params["until"]
    at = None if code == "answer" else find_preset(code, ticket.brand.calendar)
    actions.snooze_ticket(actor, ticket, at)


def _tag(actor: Actor, ticket: Ticket, params: Mapping[str, Any]) -> None:
    actions.tag_ticket(actor, ticket, params["tag"])


EFFECTS = (
    Effect("ticket.set_status", _("Set status"), _set_status, _StatusForm),
    Effect("ticket.set_priority", _("Set priority"), _set_priority, _PriorityForm),
    Effect("ticket.assign", _("Assign"), _assign, _AgentForm),
    Effect("ticket.transfer", _("Transfer"), _transfer, _TeamForm),
    Effect("ticket.tag", _("Add a tag"), _tag, _TagForm),
    Effect("ticket.snooze", _("Snooze"), _snooze, _SnoozeForm),
)


def wire() -> None:
    for condition in CONDITIONS:
        register_condition(condition)
    for effect in EFFECTS:
        register_effect(effect)
    placeholders.wire()
