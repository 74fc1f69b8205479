"""A seeded home and database (cached by schema) and the real desk on a copy of them."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.services import environment_without_desk, free_port, stop, wait_until
from tests.services.postgres import postgres

ROOT = Path(__file__).resolve().parent.parent
CACHE = ROOT / ".cache" / "bench"
KINDS = ("sqlite", "postgresql")
_PROGRAM = Path(sys.executable).with_name("otklik")
_READY = "seeded"
# What is written once, kept by its copy and may be lost: nothing waits for a disk.
_WHILE_SEEDING = {
    "max_wal_size": "1GB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "checkpoint_timeout": "1h",
    "autovacuum": "off",
}
# A small server of its own, as one for a desk of this size would be set.
_WHILE_MEASURED = {"shared_buffers": "256MB", "max_wal_size": "2GB"}


@dataclass(frozen=True)
class Running:
    """A running desk with ``size`` tickets. ``database_url`` is empty on SQLite, where ``written``
    is the file that the desk's own is a copy of."""

    url: str
    port: int
    mail_port: int
    home: Path
    environment: Mapping[str, str]
    tokens: tuple[str, ...]
    pid: int
    size: int
    database_url: str
    written: Path

    @property
    def is_postgresql(self) -> bool:
        return bool(self.database_url)

    @property
    def kind(self) -> str:
        return KINDS[self.is_postgresql]

    def ask(self, sql: str, *values: Any) -> list[Any]:
        """Look into the desk's database from outside; ``{}`` is the place of a value."""
        with connected(self) as (connection, mark):
            return list(connection.execute(sql.replace("{}", mark), values).fetchall())

    def change(self, sql: str, *values: Any) -> None:
        with connected(self) as (connection, mark):
            connection.execute(sql.replace("{}", mark), values)
            connection.commit()


@contextmanager
def connected(desk: Running) -> Iterator[tuple[Any, str]]:
    """A connection to the desk's own database and what stands for a value in its statements."""
    if desk.is_postgresql:
        import psycopg

        with psycopg.connect(desk.database_url, autocommit=True) as server:
            yield server, "%s"
        return
    import sqlite3

    connection = sqlite3.connect(desk.home / "otklik.sqlite3", timeout=30)
    try:
        yield connection, "?"
    finally:
        connection.close()


@contextmanager
def seeded_desk(size: int, kind: str) -> Iterator[Running]:
    """Seed (or take from the cache), start ``otklik up``, end it and clear away. Raises
    ``Missing`` where there is no such server."""
    cached = _cached(size, kind)
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="otklik-bench-"))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        home, url = folder / "home", ""
        subprocess.run(["cp", "-a", "--reflink=auto", str(cached / "home"), str(home)], check=True)
        if kind == "postgresql":
            server = postgres(is_durable=True, settings=_WHILE_MEASURED, begin=cached / "data")
            url = stack.enter_context(server)
        environment = _environment(home, url)
        environment["OTKLIK_DNS_SERVERS"] = stack.enter_context(names())
        desk = stack.enter_context(_up(environment, folder / "log"))
        port, mail_port = int(environment["OTKLIK_PORT"]), int(environment["OTKLIK_MAIL_PORT"])
        yield Running(
            f"http://127.0.0.1:{port}",
            port,
            mail_port,
            home,
            environment,
            tuple(json.loads((home / "bench.json").read_text())["tokens"]),
            desk.pid,
            size,
            url,
            cached / "home" / "otklik.sqlite3",
        )


@contextmanager
def names() -> Iterator[str]:
    """A name server nearby, as every mail server has one: letters are checked by what it says."""
    child = subprocess.Popen(
        [sys.executable, "-m", "bench.names"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    try:
        assert child.stdout is not None
        yield child.stdout.readline().strip()
    finally:
        child.terminate()
        child.wait()


@contextmanager
def _up(environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    url = f"http://127.0.0.1:{environment['OTKLIK_PORT']}"
    with log.open("wb") as output:
        child = subprocess.Popen(
            [str(_PROGRAM), "up"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        wait_until(lambda: _is_ready(url), child, log, seconds=90)
        try:
            yield child
        except BaseException:
            said = log.read_text(errors="replace").splitlines()
            troubles = [line for line in said if '"level": "info"' not in line]
            print("\n".join(troubles[-12:])[-4000:])
            raise
    finally:
        stop(child, seconds=20)


def schema_hash() -> str:
    """Changes with any migration and with the generator."""
    digest = hashlib.sha256()
    here = Path(__file__).parent
    sources = [*ROOT.glob("otklik/**/migrations/*.py")]
    sources += [here / f"{name}.py" for name in ("seed", "plan", "rows", "texts")]
    for path in sorted(sources):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _cached(size: int, kind: str) -> Path:
    """The folder with ``home`` and, for PostgreSQL, ``data``."""
    folder = CACHE / f"{kind}-{size}-{schema_hash()}"
    if (folder / _READY).exists():
        return folder
    for old in CACHE.glob(f"{kind}-{size}-*"):
        shutil.rmtree(old, ignore_errors=True)
    print(f"Writing {size:,} tickets for {kind} …", flush=True)
    started = time.monotonic()
    folder.mkdir(parents=True)
    if kind == "sqlite":
        write_home(folder / "home", size)
    else:
        with postgres(settings=_WHILE_SEEDING, keep=folder / "data") as url:
            write_home(folder / "home", size, url)
    (folder / _READY).touch()
    print(f"Written in {time.monotonic() - started:.0f} s.", flush=True)
    return folder


def write_home(home: Path, size: int, database_url: str = "") -> None:
    home.mkdir(parents=True)
    subprocess.run(
        [sys.executable, "-m", "bench.seed", str(size)],
        env=_environment(home, database_url),
        cwd=ROOT,
        check=True,
        stdout=subprocess.DEVNULL,
    )


def _environment(home: Path, database_url: str) -> dict[str, str]:
    inherited = environment_without_desk()
    # A desk that was installed has its modules compiled.
    inherited.pop("PYTHONDONTWRITEBYTECODE", None)
    return {
        **inherited,
        "OTKLIK_HOME": str(home),
        "OTKLIK_HOST": "127.0.0.1",
        "OTKLIK_PORT": str(free_port()),
        "OTKLIK_MAIL_PORT": str(free_port()),
        "OTKLIK_DEMO": "0",
        **({"OTKLIK_DATABASE_URL": database_url} if database_url else {}),
    }


def _is_ready(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=2) as answer:  # noqa: S310
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
