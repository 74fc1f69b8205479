"""otklik upgrade: a backup, then the tables for this release; old processes may go on meanwhile."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from otklik.project.stopping import Stop


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik upgrade", description=__doc__)
    parser.add_argument("--backup", type=Path, metavar="DIR", help="where the backup goes")
    parser.add_argument(
        "--no-backup", action="store_true", help="there is a backup of today already"
    )
    parser.add_argument(
        "--finish",
        action="store_true",
        help="take away what only the release before needs; every process runs this one by now",
    )
    parser.add_argument("--plan", action="store_true", help="only say what would be done")
    chosen = parser.parse_args(words)
    from otklik.project.start import set_up

    set_up()
    from otklik import __version__
    from otklik.project.keeping import phases
    from otklik.project.keeping.guarding import confirm_open
    from otklik.project.preparing import confirm_keys, initialise
    from otklik.project.words import call

    confirm_open()
    plan = phases.read_plan()
    if chosen.plan:
        return _show(plan)
    if plan.is_empty and not phases.list_unfilled():
        print(f"Nothing to do: the database is at {__version__}.")
        return 0
    if not chosen.no_backup and not _is_new():
        from otklik.project.commands import backup

        print("First a backup; --no-backup leaves it out.")
        try:
            failed = backup.run(["--verify", *(["--to", str(chosen.backup)] * bool(chosen.backup))])
        except Stop as stop:
            raise Stop(f"{stop} Nothing was upgraded.", stop.code) from None
        if failed:
            print("otklik: the backup is not whole; the upgrade goes on.", file=sys.stderr)
    if chosen.finish:
        phases.finish()
        print("The upgrade is finished.")
        return 0
    is_done = phases.bring_up()
    confirm_keys()
    initialise()
    if is_done:
        print(f"The database is at {__version__}.")
    else:
        print(
            f"The tables serve {__version__} and the release before. Start every process on the "
            f"new one; when none of the old ones runs: {call('upgrade --finish')}"
        )
    return 0


def _is_new() -> bool:
    from otklik.project.keeping.tables import applied_migrations

    return not applied_migrations()


def _show(plan: object) -> int:
    from otklik.project.keeping.phases import Plan, list_others, list_unfilled

    assert isinstance(plan, Plan)
    for title, migrations in (
        ("adds", plan.expand),
        ("takes away", plan.contract),
        ("adds, after something was taken away", plan.behind),
    ):
        for migration in migrations:
            print(f"{title}: {migration.app_label}.{migration.name}")
    for backfill in list_unfilled():
        print(f"fills: {backfill.name}")
    for other in list_others():
        print(f"runs another release: {other}")
    if plan.is_empty:
        print("The tables are those of this release.")
    return 0
