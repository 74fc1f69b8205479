"""otklik move --to URL: the whole desk into another database, SQLite or PostgreSQL."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence

from otklik.project.stopping import Stop


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik move", description=__doc__)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--to",
        metavar="URL",
        help="postgres://… or sqlite:///…: a new database; - reads it from the standard input, so "
        "that its password stands in no list of processes and no history",
    )
    what.add_argument(
        "--take-back",
        action="store_true",
        help="give a move up, or go on in a database that was left",
    )
    chosen = parser.parse_args(words)
    if chosen.take_back:
        return _take_back()
    return _move(sys.stdin.readline().strip() if chosen.to == "-" else chosen.to)


def _move(url: str) -> int:
    from otklik.core.settings import ConfigError, config
    from otklik.core.settings.config import PREFIX
    from otklik.core.settings.database import read_address
    from otklik.project.start import set_up
    from otklik.project.words import call

    source = config().database
    try:
        target = read_address(url, config().home)
    except ValueError as error:
        raise Stop(f"--to {error}.", 64) from None
    if url.partition("://")[0] not in {"sqlite", "postgres", "postgresql"}:
        raise Stop("--to names a database: postgres://… or sqlite:///…", 64)
    if source == target:
        raise Stop("that is where the desk is already.", 64)
    if not config().key_file.exists():
        raise ConfigError(f"The key file {config().key_file} is missing.")
    # From here on the program works on the target; the source is a second connection.
    os.environ[f"{PREFIX}DATABASE_URL"] = url
    config.cache_clear()
    set_up()
    from otklik.project.keeping.guarding import alone, refuse_running
    from otklik.project.keeping.moving import SOURCE, move
    from otklik.project.keeping.snapshot import connected

    with alone(), connected(SOURCE, source):
        refuse_running(SOURCE)
        rows = move(_shown(url), print)
    print(f"Moved: {rows:,} rows, every table counted and compared. The old database is closed.")
    print(f"Set OTKLIK_DATABASE_URL={_shown(url)} (with its password), then: {call('up')}")
    return 0


def _take_back() -> int:
    from otklik.project.start import set_up

    set_up()
    from otklik.core.settings import config
    from otklik.project.keeping import standing

    marks = standing.read_marks()
    if standing.INCOMING in marks:
        raise Stop("this database is the target of a move or restore; take back the source.")
    if not marks:
        print("Nothing was moved away from here.")
        return 0
    standing.drop_table()
    print(
        f"The desk works on {config().database.name} again. Empty the target before the next move."
    )
    return 0


def _shown(url: str) -> str:
    """Without what may be a password."""
    scheme, _, rest = url.partition("://")
    _, at, place = rest.rpartition("@")
    return f"{scheme}://{'••••@' if at else ''}{place.partition('?')[0]}"
