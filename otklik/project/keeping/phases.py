"""Migrations in phases, so that new code runs beside old code on the schema between them.

A migration says ``phase = "contract"`` when it takes something away that the release before still
uses; all others expand (`tests/test_phases.py` holds them to it). What an expanding migration adds
is filled by backfills (`core.hooks.program.register_backfill`) while the desk runs. What is to go
goes when every row is filled and every process runs the new release.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.core.management.sql import emit_post_migrate_signal
from django.db import connection
from django.db.migrations import Migration
from django.db.migrations.executor import MigrationExecutor

from otklik import __version__
from otklik.core import settings
from otklik.core.access import SYSTEM
from otklik.core.db.executor import Executor
from otklik.core.hooks.program import Backfill, list_backfills
from otklik.project.keeping.tables import applied_migrations
from otklik.project.stopping import Stop
from otklik.project.words import Progress, call

CONTRACT = "contract"
DONE = "keeping.backfills_done"


@dataclass(frozen=True, slots=True)
class Plan:
    """What waits. ``behind``: expanding migrations that come after one that takes away."""

    expand: list[Migration]
    contract: list[Migration]
    behind: list[Migration]

    @property
    def is_empty(self) -> bool:
        return not (self.expand or self.contract or self.behind)


def read_plan() -> Plan:
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    found = Plan([], [], [])
    late: set[tuple[str, str]] = set()
    for migration, _ in plan:
        key = (migration.app_label, migration.name)
        if getattr(migration, "phase", "") == CONTRACT:
            found.contract.append(migration)
            late.add(key)
        elif late.intersection(migration.dependencies):
            found.behind.append(migration)
            late.add(key)
        else:
            found.expand.append(migration)
    return found


def bring_up() -> bool:
    """Expand; fill and contract as far as nothing else runs on the database and nothing is left.

    Returns whether all is done. Raises Stop when releases were skipped and others still run.
    """
    is_new = not applied_migrations()
    plan = read_plan()
    if plan.is_empty:
        return True
    if is_new:
        _apply([*plan.expand, *plan.contract, *plan.behind], "Preparing the database")
        note_done(list_backfills())
        return True
    if plan.behind and (others := list_others()):
        raise Stop(
            f"this release is more than one step ahead of the database, and {others[0]} still "
            f"runs the old one. Go through the releases one by one, or end every process first."
        )
    if plan.behind:
        migrate_all()
        return True
    _apply(plan.expand, "Preparing the database")
    if plan.contract and not list_others() and not _fill_briefly():
        _apply(plan.contract, "Taking away what is no longer used")
        return True
    return not plan.contract


def migrate_all() -> None:
    """Everything, in order, with the desk closed: expand, fill to the end, contract."""
    while not (plan := read_plan()).is_empty:
        _apply(plan.expand, "Preparing the database")
        fill_all()
        _apply(_first_in_order(read_plan().contract), "Taking away what is no longer used")
    fill_all()


def finish() -> None:
    """Fill what is left and contract. Raises Stop while an older release runs."""
    plan = read_plan()
    if plan.expand or plan.behind:
        raise Stop(f"the upgrade has not begun: run {call('upgrade')} first.")
    if others := list_others():
        raise Stop(
            f"{others[0]} runs another release. Start every process on {__version__}, then run "
            "this again."
        )
    fill_all()
    _apply(plan.contract, "Taking away what is no longer used")


def list_others() -> list[str]:
    """Running processes of another release, in words."""
    from django.db import DatabaseError

    from otklik.core.jobs.nodes import list_running

    try:
        running = list_running()
    except DatabaseError:
        return []
    return [f"{n.part} on {n.name} ({n.version})" for n in running if n.version != __version__]


def list_unfilled() -> list[Backfill]:
    """Backfills that are not done and whose migration is there."""
    applied = set(applied_migrations())
    done = set(settings.get(DONE))
    return [each for each in list_backfills() if each.name not in done and each.after in applied]


def fill_for(keeps_going: Callable[[], bool]) -> bool:
    """Work at backfills while ``keeps_going()``. Returns whether something is left."""
    for backfill in list_unfilled():
        while backfill.step():
            if not keeps_going():
                return True
        note_done([backfill])
        if not keeps_going():
            return bool(list_unfilled())
    return False


def fill_all() -> None:
    if list_unfilled():
        with Progress("Filling what is new") as progress:
            steps = 0

            def count() -> bool:
                nonlocal steps
                steps += 1
                progress(steps)
                return True

            fill_for(count)


def note_done(backfills: Sequence[Backfill]) -> None:
    if backfills:
        done = {*settings.get(DONE), *(each.name for each in backfills)}
        settings.put(SYSTEM, DONE, sorted(done))


def _fill_briefly() -> bool:
    """A start does not wait for a million rows: the jobs go on with them."""
    import time

    until = time.monotonic() + 5.0
    return fill_for(lambda: time.monotonic() < until)


def _first_in_order(migrations: list[Migration]) -> list[Migration]:
    return migrations[:1]


def _apply(migrations: list[Migration], title: str) -> None:
    if not migrations:
        return
    with Progress(title) as progress:
        done = 0

        def hear(action: str, *_: object) -> None:
            nonlocal done
            if action == "apply_success":
                done += 1
                progress(done, len(migrations))

        executor = Executor(connection, progress_callback=hear)
        last = {migration.app_label: migration.name for migration in migrations}
        executor.migrate(list(last.items()))
        emit_post_migrate_signal(verbosity=0, interactive=False, db="default")
