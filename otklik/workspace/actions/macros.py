"""Writing macros and running them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils import timezone

from otklik.core.access import Actor
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import begin
from otklik.core.operations.models import Operation
from otklik.people.models import Team
from otklik.tickets.actions import BulkReport, change_many
from otklik.tickets.bulk import begin_bulk
from otklik.tickets.doors import lock_ticket
from otklik.tickets.effects import clean_steps, with_despite
from otklik.tickets.models import BulkAct, Ticket
from otklik.tickets.solving import ASKING, Despite
from otklik.workspace.actions.offering import (
    count_use,
    demand_change,
    demand_version,
    describe,
    give,
)
from otklik.workspace.events import (
    MacroChanged,
    MacroCreated,
    MacroRemoved,
    MacroRestored,
    MacroRun,
)
from otklik.workspace.models import Macro, Scope

Step = Mapping[str, Any]


@action
def create_macro(
    actor: Actor,
    *,
    name: str,
    steps: Sequence[Step],
    scope: str = Scope.PERSONAL,
    team: Team | None = None,
    hint: str = "",
    labels: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
) -> Macro:
    """``steps``: [{"effect": …, "params": {…}}]. Raises Forbidden and Invalid."""
    macro = Macro(created_by_id=actor.person_id)
    give(macro, actor, scope=scope, team=team)
    describe(macro, name=name, hint=hint, labels=labels, hints=hints)
    clean_steps(steps)
    macro.steps = [dict(step) for step in steps]
    macro.save()
    record(actor, MacroCreated(macro.pk, macro.scope))
    return macro


@action
def change_macro(
    actor: Actor, macro: Macro, *, version: int | None = None, **changes: Any
) -> Macro:
    """Name, labels, hint, hints, scope with team, steps. ``version`` is what the writer saw. Raises
    Conflict, Forbidden and Invalid."""
    current = Macro.objects.select_for_update(of=("self",)).get(pk=macro.pk)
    demand_change(actor, current)
    demand_version(current, version)
    if "scope" in changes:
        give(current, actor, scope=changes["scope"], team=changes.get("team", current.team))
    name, hint = changes.get("name", current.name), changes.get("hint", current.hint)
    more = {field: changes.get(field) for field in ("labels", "hints")}
    describe(current, name=name, hint=hint, **more)
    if "steps" in changes:
        clean_steps(changes["steps"])
        current.steps = [dict(step) for step in changes["steps"]]
    current.version += 1
    current.updated_at = timezone.now()
    current.save()
    record(actor, MacroChanged(current.pk, tuple(sorted(changes))))
    return current


@action
def remove_macro(actor: Actor, macro: Macro) -> None:
    """It is offered no more; `restore_macro` takes that back."""
    demand_change(actor, macro)
    if Macro.objects.filter(pk=macro.pk, is_active=True).update(is_active=False):
        record(actor, MacroRemoved(macro.pk))


@action
def restore_macro(actor: Actor, macro: Macro) -> None:
    demand_change(actor, macro)
    if Macro.objects.filter(pk=macro.pk, is_active=False).update(is_active=True):
        record(actor, MacroRestored(macro.pk))


@action
def run_macro(
    actor: Actor, macro: Macro, ticket: Ticket, *, despite: Despite = ASKING
) -> Operation:
    """Every step or none, as one operation, so that one undo takes all back that can be; solved
    ``despite`` what is not done. Raises Invalid naming what is there no longer, and whatever the
    steps' actions raise."""
    steps = clean_steps(with_despite(macro.steps, despite))
    held = lock_ticket(actor, ticket)
    operation = begin(actor, "tickets.macro", macro=macro.pk)
    acting = actor.within(operation.pk)
    for effect, params in steps:
        effect.apply(acting, held, params)
        held = lock_ticket(actor, ticket)
    count_use(macro)
    record(acting, MacroRun(macro.pk, ticket_id=held.pk))
    return operation


def run_macro_on_few(
    actor: Actor, macro: Macro, ids: Sequence[int], *, despite: Despite = ASKING
) -> BulkReport:
    """On some tickets while one waits; a refusal leaves that ticket as it was."""
    steps = clean_steps(with_despite(macro.steps, despite))

    def change(acting: Actor, ticket: Ticket) -> None:
        for effect, params in steps:
            effect.apply(acting, ticket, params)

    report = change_many(actor, ids, change, name="tickets.macro")
    _count(macro, report.changed)
    return report


def run_macro_on_many(
    actor: Actor, macro: Macro, ids: Sequence[int], *, despite: Despite = ASKING
) -> BulkAct:
    """On many tickets in the background."""
    steps = with_despite(macro.steps, despite)
    act = begin_bulk(actor, ids, steps, title=macro.label_now(), name="tickets.macro")
    _count(macro, act.total)
    return act


@action
def _count(macro: Macro, times: int) -> None:
    count_use(macro, times)
