"""What can be asked of a ticket and done to it, for views, rules and macros."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor
from otklik.core.vocabulary import (
    Effect,
    register_condition,
    register_effect,
)
from otklik.people.models import Agent, Team
from otklik.tickets import actions, placeholders
from otklik.tickets.conditions import CONDITIONS, priorities, statuses
from otklik.tickets.models import Ticket
from otklik.tickets.snoozing import find_preset


class _StatusForm(forms.Form):
    status = forms.ChoiceField(label=_("Status"), choices=statuses)


class _PriorityForm(forms.Form):
    priority = forms.TypedChoiceField(label=_("Priority"), choices=priorities, coerce=int)


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
