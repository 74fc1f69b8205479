"""Writing scripts, going through one on a ticket, and what becomes of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core.access import Actor, Conflict, Invalid, Missing
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.core.operations.actions import begin
from otklik.core.operations.models import Operation
from otklik.core.realtime import publish
from otklik.kit.html import text_to_html
from otklik.people.models import Team
from otklik.tickets import permissions
from otklik.tickets.actions import add_note, save_draft
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.doors import lock_ticket, require
from otklik.tickets.effects import clean_steps
from otklik.tickets.models import Draft, MessageKind, Ticket
from otklik.workspace.actions.offering import (
    count_use,
    demand_change,
    demand_version,
    describe,
    give,
)
from otklik.workspace.events import (
    ScriptChanged,
    ScriptCreated,
    ScriptFinished,
    ScriptRemoved,
    ScriptRestored,
)
from otklik.workspace.going import clean_answer, clean_script, effects_of, text_of, way_of
from otklik.workspace.models import Scope, Script, ScriptRun

RESULTS = ("note", "reply")
MOST_OPEN = 5  # runs of one ticket


@dataclass(frozen=True, slots=True)
class Finished:
    """``text`` is what was written as a note, or put into this one's reply."""

    operation: Operation
    text: str
    result: str


@action
def create_script(
    actor: Actor,
    *,
    name: str,
    steps: Sequence[Mapping[str, Any]],
    scope: str = Scope.PERSONAL,
    team: Team | None = None,
    hint: str = "",
    labels: Mapping[str, str] | None = None,
    hints: Mapping[str, str] | None = None,
    result: str = "note",
) -> Script:
    """Raises Forbidden and Invalid."""
    script = Script(created_by_id=actor.person_id)
    give(script, actor, scope=scope, team=team)
    describe(script, name=name, hint=hint, labels=labels, hints=hints)
    script.steps, script.result = clean_script(steps), _result(result)
    script.save()
    record(actor, ScriptCreated(script.pk, script.scope))
    return script


@action
def change_script(
    actor: Actor, script: Script, *, version: int | None = None, **changes: Any
) -> Script:
    """Name, labels, hint, hints, scope with team, steps, result. Whoever is in the middle of it
    goes on as it was. Raises Conflict, Forbidden and Invalid."""
    current = Script.objects.select_for_update(of=("self",)).get(pk=script.pk)
    demand_change(actor, current)
    demand_version(current, version)
    if "scope" in changes:
        give(current, actor, scope=changes["scope"], team=changes.get("team", current.team))
    name, hint = changes.get("name", current.name), changes.get("hint", current.hint)
    more = {field: changes.get(field) for field in ("labels", "hints")}
    describe(current, name=name, hint=hint, **more)
    if "steps" in changes:
        current.steps = clean_script(changes["steps"])
    current.result = _result(changes.get("result", current.result))
    current.version += 1
    current.updated_at = timezone.now()
    current.save()
    record(actor, ScriptChanged(current.pk, tuple(sorted(changes))))
    return current


@action
def remove_script(actor: Actor, script: Script) -> None:
    demand_change(actor, script)
    if Script.objects.filter(pk=script.pk, is_active=True).update(is_active=False):
        record(actor, ScriptRemoved(script.pk))


@action
def restore_script(actor: Actor, script: Script) -> None:
    demand_change(actor, script)
    if Script.objects.filter(pk=script.pk, is_active=False).update(is_active=True):
        record(actor, ScriptRestored(script.pk))


@action
def begin_run(actor: Actor, script: Script, ticket: Ticket) -> ScriptRun:
    """Begin it on a ticket, or go on with what a colleague began there. No fact yet: no event."""
    held = lock_ticket(actor, ticket)
    require(actor, permissions.NOTE)
    runs = ScriptRun.objects.filter(ticket=held, finished_at__isnull=True)
    known = runs.filter(script=script).first()
    if known is not None:
        return known
    if runs.count() >= MOST_OPEN:
        raise Invalid(_("Several scripts are open on this ticket. Finish one first."))
    publish(f"ticket:{held.pk}", None)  # colleagues who have it open see the questions
    return ScriptRun.objects.create(
        script=script,
        ticket=held,
        steps=script.steps,
        begun_by_id=actor.person_id,
        changed_by_id=actor.person_id,
    )


@action
def answer_run(
    actor: Actor, run: ScriptRun, value: str, *, version: int | None = None
) -> ScriptRun:
    """Answer the question at hand. Raises Conflict when a colleague went on meanwhile."""
    current = _hold(actor, run, version)
    step = way_of(current.steps, current.answers).step
    if step is None:
        raise Invalid(_("Every question is answered."))
    answer = {"key": step["key"], "value": clean_answer(step, value)}
    return _keep(actor, current, [*current.answers, answer])


@action
def step_back(actor: Actor, run: ScriptRun, *, version: int | None = None) -> ScriptRun:
    """Take the last answer back."""
    current = _hold(actor, run, version)
    return _keep(actor, current, current.answers[:-1])


@action
def drop_run(actor: Actor, run: ScriptRun) -> None:
    """Leave it; nothing of it stays."""
    _hold(actor, run, None).delete()


@action
def finish_run(
    actor: Actor, run: ScriptRun, *, result: str = "", version: int | None = None
) -> Finished:
    """Fields are set and the text is written, as one operation. Raises Invalid while questions are
    open, and whatever the fields' actions raise; then nothing is written."""
    current = _hold(actor, run, version)
    way = way_of(current.steps, current.answers)
    if way.step is not None:
        raise Invalid(_("Some questions are open still."))
    effects = effects_of(way.answered)
    operation = begin(actor, "tickets.script", script=current.script_id)
    acting = actor.within(operation.pk)
    ticket = lock_ticket(actor, current.ticket_id)
    for effect, params in clean_steps(effects) if effects else ():
        effect.apply(acting, ticket, params)
    text = text_of(way.answered)
    wanted = _result(result or current.script.result)
    if wanted == "note":
        add_note(acting, ticket, words=written_by_hand(text=text))
    else:
        _into_reply(actor, ticket, text)
    current.finished_at = timezone.now()
    current.save(update_fields=["finished_at"])
    count_use(current.script)
    record(
        acting,
        ScriptFinished(current.script_id, ticket_id=ticket.pk, answers=len(way.answered)),
    )
    return Finished(operation, text, wanted)


def _into_reply(actor: Actor, ticket: Ticket, text: str) -> None:
    """Added to what this one is writing; it is sent by nobody but them."""
    rows = Draft.objects.filter(ticket=ticket, author_id=actor.person_id)
    draft = rows.filter(kind=MessageKind.PUBLIC).first()
    html = f"{draft.html if draft else ''}{text_to_html(text)}"
    save_draft(
        actor,
        ticket,
        kind=MessageKind.PUBLIC,
        html=html,
        recipients=draft.recipients if draft else None,
        uploads=draft.uploads if draft else (),
        seen_message_id=draft.seen_message_id if draft else 0,
    )


def _hold(actor: Actor, run: ScriptRun, version: int | None) -> ScriptRun:
    lock_ticket(actor, run.ticket_id)
    require(actor, permissions.NOTE)
    rows = ScriptRun.objects.select_for_update(of=("self",)).select_related("script")
    current = rows.filter(pk=run.pk, finished_at__isnull=True).first()
    if current is None:
        raise Missing(_("This script is finished."))
    if version is not None and version != current.version:
        raise Conflict(_("A colleague went on with this script. Look where it stands now."))
    return current


def _keep(actor: Actor, run: ScriptRun, answers: list[dict[str, Any]]) -> ScriptRun:
    run.answers = answers
    run.changed_by_id, run.updated_at = actor.person_id, timezone.now()
    run.version += 1
    run.save()
    publish(f"ticket:{run.ticket_id}", None)
    return run


def _result(value: str) -> str:
    if value not in RESULTS:
        words = _("Choose what becomes of the text.")
        raise Invalid(words, fields={"result": words})
    return value
