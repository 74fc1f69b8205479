"""Scripts for the picker and the panel beside a ticket."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from otklik.core.access import Actor
from otklik.core.db.spelling import spelt_once
from otklik.workspace.going import Way, options_of, way_of
from otklik.workspace.models import Script, ScriptRun


@dataclass(frozen=True, slots=True)
class RunPanel:
    run: ScriptRun
    way: Way
    options: list[str]
    place: int

    @property
    def is_done(self) -> bool:
        return self.way.step is None


def list_scripts(actor: Actor) -> list[Script]:
    rows = Script.objects.visible_to(actor).active().order_by("-uses", "sort_name", "pk")
    return list(rows[:100])


def list_open_runs(ticket_id: int) -> list[RunPanel]:
    """One query where none is open."""
    return [panel_of(run) for run in _open_runs(ticket_id)]


def panel_of(run: ScriptRun) -> RunPanel:
    way = way_of(run.steps, run.answers)
    options = [one["label"] for one in options_of(way.step)] if way.step is not None else []
    return RunPanel(run, way, options, len(way.answered) + 1)


@spelt_once
def _open_runs(ticket_id: int) -> Iterable[ScriptRun]:
    rows = ScriptRun.objects.filter(ticket=ticket_id, finished_at__isnull=True)
    return rows.select_related("script", "begun_by", "changed_by").order_by("pk")
