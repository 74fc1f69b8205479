"""Desks made once and copied: what `otklik init` does to an empty home costs ten seconds of a core.

What is made here depends on nothing but the program's files and lies in `.cache/tests` until they
change. A test of the first start itself starts from nothing instead.

    python -m tests.services.ready     makes everything that a whole run of the tests asks for
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TextIO
from urllib.parse import urlsplit

import psycopg

from tests.services import environment_without_desk

if TYPE_CHECKING:
    from django.db.backends.base.base import BaseDatabaseWrapper

ROOT = Path(__file__).resolve().parents[2]
DATABASE = "otklik.sqlite3"
TABLES = "otklik_tables"  # on the PostgreSQL of the tests: a database to make others from
_CACHE = ROOT / ".cache" / "tests"
_PROGRAM = [sys.executable, "-m", "otklik.project.cli"]
_DEMO_SECONDS = 3600.0  # the demo company is told from the hour it was loaded in
_KEPT_SECONDS = 24 * 3600.0
# The tables as they are after migrating: what `init` adds beyond is a desk's, not a test's.
_EMPTY = (
    "import django; django.setup();"
    "from django.core.management import call_command;"
    "call_command('flush', interactive=False, verbosity=0)"
)


def fill_home(home: Path) -> None:
    """Make ``home``, empty so far, what `otklik init` leaves behind."""
    with _made("home", _digest(), _init) as made:
        _copy(made, home)


def fill_demo_home(home: Path) -> None:
    """The same with the demo company; ``home/terminal`` tells its accounts."""
    with _made("demo", _digest(), _load_demo, seconds=_DEMO_SECONDS) as made:
        _copy(made, home)


def copy_tables(target: Path) -> None:
    """Make ``target`` a SQLite database that is migrated and otherwise new."""
    with _made("tables", _digest(), _make_tables) as made:
        shutil.copyfile(made / DATABASE, target)


def put_tables(connection: BaseDatabaseWrapper) -> None:
    """Make the test database that ``connection`` is about to want, where there is none."""
    name = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        copy_tables(Path(name))
        return
    with connection.creation._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname IN (%s, %s)", [name, TABLES])
        if cursor.fetchall() == [(TABLES,)]:  # not on a server that somebody else runs
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE {TABLES}')


def cluster() -> Path:
    """Data for a PostgreSQL server that has a database of tables by the name ``TABLES``."""
    with _made("cluster", _digest(), _make_cluster) as made:
        return made / "data"


def main() -> None:
    """Two at a time: the demo company takes as long as the others together."""
    with ThreadPoolExecutor(2) as pool:
        all_of_them = [pool.submit(each) for each in (_make_demo_home, cluster, _make_new_tables)]
    for each in all_of_them:
        each.result()


def _make_demo_home() -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-ready-") as folder:
        fill_demo_home(Path(folder))


def _make_new_tables() -> None:
    with tempfile.TemporaryDirectory(prefix="otklik-ready-") as folder:
        copy_tables(Path(folder, DATABASE))


def _init(home: Path) -> None:
    _run([*_PROGRAM, "init"], home)
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _load_demo(home: Path) -> None:
    fill_home(home)
    (home / "terminal").write_text(_run([*_PROGRAM, "demo"], home))


def _make_tables(home: Path) -> None:
    fill_home(home)
    _run([sys.executable, "-c", _EMPTY], home)
    with closing(sqlite3.connect(home / DATABASE)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _make_cluster(folder: Path) -> None:
    from tests.services.postgres import postgres

    with (
        postgres(keep=folder / "data") as url,
        tempfile.TemporaryDirectory(prefix="otklik-ready-") as home,
    ):
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {TABLES}")
        tables = urlsplit(url)._replace(path=f"/{TABLES}").geturl()
        for command in ([*_PROGRAM, "init"], [sys.executable, "-c", _EMPTY]):
            _run(command, Path(home), {"OTKLIK_DATABASE_URL": tables})


def _run(command: list[str], home: Path, settings: Mapping[str, str] | None = None) -> str:
    kept = environment_without_desk()
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={
            **kept,
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
            "OTKLIK_HOME": str(home),
            "OTKLIK_DEMO": "0",
            **(settings or {}),
        },
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"{command} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


@contextmanager
def _made(
    kind: str, digest: str, make: Callable[[Path], None], *, seconds: float = _KEPT_SECONDS
) -> Iterator[Path]:
    """The folder that ``make`` fills, once for all processes, and that stays within the block;
    ``seconds``: how old it may be."""
    wanted = _CACHE / f"{kind}-{digest}"
    with _turn(kind) as lock:
        now = time.time()
        for each in _CACHE.glob(f"{kind}-*"):
            # Another is of code that has changed since.
            age = now - each.stat().st_mtime
            if age > (seconds if each == wanted else min(seconds, 600)):
                shutil.rmtree(each, ignore_errors=True)
        if not wanted.exists():
            folder = Path(tempfile.mkdtemp(prefix="making-", dir=_CACHE))
            try:
                make(folder)
                os.utime(folder)
                folder.rename(wanted)
            finally:
                shutil.rmtree(folder, ignore_errors=True)
        # Who comes between and finds it too old has made it anew when this turn is given.
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield wanted


@contextmanager
def _turn(kind: str) -> Iterator[TextIO]:
    _CACHE.mkdir(parents=True, exist_ok=True)
    with (_CACHE / f"{kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield lock


@cache
def _digest() -> str:
    """Of the program and of what it stands on; tests of rooms change nothing in a home."""
    found = hashlib.sha256(str(ROOT).encode())
    files = [
        *(p for p in (ROOT / "otklik").glob("**/*.py") if "tests" not in p.parts),
        *(ROOT / "otklik" / "project" / "demo").glob("**/*.txt"),
        ROOT / "requirements" / "base.txt",
        Path(__file__),
    ]
    for path in sorted(files):
        found.update(str(path).encode() + path.read_bytes())
    return found.hexdigest()[:16]


def _copy(made: Path, home: Path) -> None:
    home.mkdir(parents=True, exist_ok=True)
    command = ["cp", "-a", "--reflink=auto", f"{made}/.", str(home)]
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
