"""Upkeep while the desk runs: SQLite's log and index, what is long done, old rows to be filled."""

from __future__ import annotations

import time

import structlog
from django.db import connection
from django.utils.translation import gettext as _

from otklik.core.db.sqlite import upkeep
from otklik.core.hooks.health import HealthItem, State
from otklik.core.jobs import every, task
from otklik.core.search.merging import merge_step
from otklik.kit.units import human_size
from otklik.project.keeping import phases, pruning

logger = structlog.get_logger(__name__)

LARGE_LOG = 8 << 20
HELD_LOG = 256 << 20  # a log that cannot be folded in: somebody has been reading for very long
_SECONDS = 2.0


@every(minutes=5)
@task(name="keeping.sqlite", unique=True)
def keep_sqlite() -> None:
    """Fold in a log that has grown, and merge the search index a little."""
    if connection.vendor != "sqlite":
        return
    until = time.monotonic() + _SECONDS
    while merge_step() and time.monotonic() < until:
        pass
    if upkeep.read_state().log > LARGE_LOG:
        logger.info("log_folded_in", whole=upkeep.fold_in_log())


@every(daily_at="03:10")
@task(name="keeping.analyse", unique=True)
def keep_statistics() -> None:
    if connection.vendor == "sqlite":
        logger.info("tables_analysed", count=upkeep.analyse())


@every(hours=1)
@task(name="keeping.prune", unique=True)
def prune() -> None:
    """Remove what is long done, for a few seconds; the next hour goes on."""
    until = time.monotonic() + 10.0
    events = pruning.prune_events(until)
    deliveries = pruning.prune_deliveries(until)
    sessions = pruning.prune_sessions(until)
    if events or deliveries or sessions:
        logger.info("pruned", events=events, deliveries=deliveries, sessions=sessions)


@every(minutes=1)
@task(name="keeping.backfill", unique=True)
def fill() -> None:
    """Give old rows what an upgrade added, for a second at a time."""
    until = time.monotonic() + 1.0
    phases.fill_for(lambda: time.monotonic() < until)


def look_at_database() -> list[HealthItem]:
    items = _plan()
    if connection.vendor != "sqlite":
        return items
    state = upkeep.read_state()
    detail = _("%(size)s, of which %(free)s free; write-ahead log %(log)s.") % {
        "size": human_size(state.size),
        "free": human_size(state.free),
        "log": human_size(state.log),
    }
    if state.log > HELD_LOG:
        item = HealthItem(
            State.WARNING,
            _("The database's log does not get shorter"),
            detail,
            _("Something reads the file without an end; close other programs that have it open."),
        )
    else:
        item = HealthItem(State.OK, _("The database file is looked after"), detail)
    return [*items, item]


def _plan() -> list[HealthItem]:
    plan = phases.read_plan()
    if plan.expand or plan.behind:
        return [
            HealthItem(
                State.FAILED,
                _("The tables are of an older release"),
                advice=_("Run otklik upgrade."),
            )
        ]
    if plan.contract or phases.list_unfilled():
        return [
            HealthItem(
                State.WARNING,
                _("An upgrade is not finished"),
                advice=_("When every process runs the new release, run otklik upgrade --finish."),
            )
        ]
    return []
