"""Whether a database may be used: by a service, or by a command that needs it to itself."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError

from otklik.core.settings import config
from otklik.project.keeping.standing import why_closed
from otklik.project.keeping.tables import applied_migrations, refuse_newer
from otklik.project.stopping import Stop
from otklik.project.words import call


def confirm_standing() -> None:
    """Raises Stop when a move or restore has not ended, or the desk was moved away."""
    reason = why_closed()
    if reason:
        raise Stop(reason, 78)


def confirm_open() -> None:
    """The same, and when the tables are of a newer release: that takes reading every migration."""
    confirm_standing()
    refuse_newer(applied_migrations(), "the database")


def confirm_ready() -> None:
    """The same for a process that changes no tables: it also wants those of its own release."""
    from otklik.project.keeping.phases import read_plan

    confirm_open()
    plan = read_plan()
    if plan.expand or plan.behind:
        raise Stop(f"the tables are of an older release. Run once: {call('upgrade')}", 78)


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else works in this home and, as far as they say, on this database. Raises Stop."""
    path = config().run_dir / "up.lock"
    with path.open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop(
                f"the desk in {config().home} is running. End it first: while rows are moved "
                "nobody may write."
            ) from None
        yield


def refuse_running(alias: str = "default") -> None:
    """Raises Stop naming a process that runs the desk on this database."""
    from otklik.core.jobs.models import Node
    from otklik.core.jobs.nodes import list_running

    try:
        running = list_running(alias)
    except DatabaseError:  # no such table: an empty database, or one of an old release
        return
    if running:
        first: Node = running[0]
        raise Stop(
            f"{len(running)} processes run the desk on this database, {first.part} on "
            f"{first.name} among them. End them first; one that was killed is forgotten after "
            "two minutes."
        )
