"""Whole homes for tests of what keeps a desk: made by the program, looked into by plain SQL."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import uuid
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from tests.services import environment_without_desk
from tests.services.ready import fill_home

PROGRAM = [sys.executable, "-m", "otklik.project.cli"]

# Olga writes, with letters of all kinds; something waits to be sent, something to be heard.
FURNISH = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from otklik.core import files, outbox, settings
from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.search import index
from otklik.desk.tests.factories import make_mailbox
from otklik.people.tests.factories import make_administrator, make_customer
from otklik.tickets.tests.factories import customer_writes, make_ticket

make_administrator("Dasha", email="dasha@desk.example")
mailbox = make_mailbox("support@desk.example")
olga = make_customer("Olga Nesterova", email="olga@poldenb.example")
alexey = make_customer("Alexey Gromov", email="alexey@example.org")
for number in range(25):
    ticket = make_ticket(olga if number % 2 else alexey, f"Кофемашина № {number} 🙂")
    customer_writes(ticket, f"Не греет воду: «Е-{number}»")
    index("ticket", ticket.pk, title=f"кофемашина {number}", body="не греет воду совсем",
          scopes=["staff"], at=timezone.now())
settings.put(SYSTEM, "keeping.last_backup", {"b": 1.5, "a": [1, None, True, 1e30], "ё": "🙂"})
settings.put(SYSTEM, "keeping.last_backup", {})
blob = files.store_blob("Накладная 12".encode() * 20_000)
with write():
    files.hold(blob)
with write():
    outbox.enqueue(kind="letter", key="waits", recipients=["olga@poldenb.example"],
                   sealed={"link": "secret"})
"""


@dataclass(frozen=True)
class Home:
    path: Path
    settings: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = environment_without_desk()
        return {
            **kept,
            "OTKLIK_HOME": str(self.path),
            "OTKLIK_DEMO": "0",
            "DJANGO_SETTINGS_MODULE": "otklik.project.settings",
            **self.settings,
        }

    def on(self, url: str) -> Home:
        """The same home with another database."""
        return replace(self, settings={**self.settings, "OTKLIK_DATABASE_URL": url})

    def otklik(self, *words: str, fails: bool = False) -> str:
        """What the command said; it must end well, or with ``fails`` must not, and without a
        trace."""
        done = subprocess.run(
            [*PROGRAM, *words],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        said = done.stdout + done.stderr
        assert bool(done.returncode) == fails, said
        assert "Traceback" not in said, said
        return said

    def python(self, code: str) -> str:
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=400,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def sql(self, statement: str) -> list[tuple[Any, ...]]:
        """Rows as the database's own library gives them."""
        url = self.settings.get("OTKLIK_DATABASE_URL", "")
        if url.startswith("postgres"):
            with psycopg.connect(url) as connection:
                return list(connection.execute(statement))  # type: ignore[arg-type]
        name = url.removeprefix("sqlite:///") or "otklik.sqlite3"
        with closing(sqlite3.connect(self.path / name, timeout=20)) as connection:
            rows = list(connection.execute(statement))
            connection.commit()
            return rows

    def count_all(self) -> dict[str, int]:
        """Rows of every table but those that report anew."""
        if self.settings.get("OTKLIK_DATABASE_URL", "").startswith("postgres"):
            tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        else:
            tables = "SELECT name FROM sqlite_master WHERE type = 'table'"
        names = [
            name
            for (name,) in self.sql(tables)
            if not name.startswith(("search_words", "sqlite_", "otklik_", "jobs_node"))
        ]
        return {name: self.sql(f'SELECT count(*) FROM "{name}"')[0][0] for name in sorted(names)}


def furnished(path: Path, **settings: str) -> Home:
    home = Home(path, settings)
    fill_home(path)
    home.python(FURNISH)
    return home


def new_database(server: str) -> str:
    """A database of its own on a PostgreSQL server."""
    name = f"keeping_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]
    return urlsplit(server)._replace(path=f"/{name}").geturl()
