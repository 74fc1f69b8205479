"""What the same rows cost without a desk: plain SQL and an fsync, in the same run."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from bench.clients import Figures
from bench.running import Running, connected

_LIST = """
SELECT t.*, p.name, o.name, s.code, a.id FROM tickets_ticket t
JOIN people_person p ON p.id = t.requester_id JOIN tickets_status s ON s.id = t.status_id
LEFT JOIN people_organisation o ON o.id = t.organisation_id
LEFT JOIN people_agent a ON a.id = t.assignee_id
WHERE t.is_unfinished ORDER BY t.last_message_at DESC, t.id DESC LIMIT 51
"""
_TICKET = "SELECT * FROM tickets_ticket WHERE number = {mark}"
_TALK = """
SELECT * FROM tickets_message m JOIN tickets_messagebody b ON b.message_id = m.id
WHERE m.ticket_id = {mark} ORDER BY m.id
"""
_EVENTS = "SELECT * FROM events_eventrow WHERE ticket_id = {mark} ORDER BY id"
_COUNT = """
SELECT count(*) FROM (SELECT id FROM tickets_ticket WHERE is_unfinished LIMIT 1000) AS bounded
"""
_SEARCH = {
    "sqlite": """
SELECT d.object_id FROM search_words w JOIN search_searchdocument d ON d.id = w.rowid
WHERE search_words MATCH '"s:staff" AND (' || {mark} || ')' ORDER BY w.rowid DESC LIMIT 600
""",
    "postgresql": """
SELECT object_id FROM search_searchdocument WHERE tokens @@ {mark}::tsquery
ORDER BY id DESC LIMIT 600
""",
}
_OWN_NUMBERS = 1_000_000_000
# What a new ticket writes, in order; the first column named makes the row belong to the ticket.
_WRITTEN = (
    "tickets_ticket", "tickets_thread", "tickets_participant", "tickets_message",
    "tickets_messagebody", "events_eventrow",
)  # fmt: skip


class Bare:
    """Connections to the same rows: one to read by, one to write by."""

    def __init__(self, connection: Any, writing: Any, mark: str, kind: str) -> None:
        self._connection = connection
        self._writing = writing
        self._mark = mark
        self._kind = kind

    def list_page(self, times: int = 100) -> Figures:
        return _timed(lambda at: self._all(_LIST), times)

    def counts(self, times: int = 100) -> Figures:
        return _timed(lambda at: [self._all(_COUNT) for _ in range(4)], times)

    def ticket(self, numbers: list[int]) -> Figures:
        def read(at: int) -> None:
            number = numbers[at]
            for sql in (_TICKET, _TALK, _EVENTS):
                self._all(sql, number)

        return _timed(read, len(numbers))

    def search(self, words: list[str]) -> Figures:
        from otklik.kit.stemming import stems

        def find(at: int) -> None:
            quote, joint = ('"', " AND ") if self._kind == "sqlite" else ("'", " & ")
            asked = joint.join(f"{quote}{stem}{quote}" for stem in stems(words[at]))
            asked = asked if self._kind == "sqlite" else f"'s:staff' & {asked}"
            self._all(_SEARCH[self._kind], asked)

        return _timed(find, len(words))

    def write_tickets(self, times: int = 200) -> Figures:
        """The rows of a new ticket, each ticket a transaction that survives a power cut."""
        samples = {table: self._sample(table) for table in _WRITTEN}
        # Far from the numbers the running desk gives out: on PostgreSQL it is the same table.
        (highest,) = self._writing.execute("SELECT max(number) FROM tickets_ticket").fetchone()
        number = max(highest, _OWN_NUMBERS)

        def write(at: int) -> None:
            ids: dict[str, int] = {}
            if self._kind == "sqlite":
                self._writing.execute("BEGIN IMMEDIATE")
            for table in _WRITTEN:
                row = dict(samples[table])
                row |= {"number": number + at + 1, "client_key": None} if "number" in row else {}
                if "ticket_id" in row:
                    row["ticket_id"] = ids["tickets_ticket"]
                if "thread_id" in row:
                    row["thread_id"] = ids["tickets_thread"]
                if table == "tickets_messagebody":
                    row["message_id"] = ids["tickets_message"]
                ids[table] = self._insert(table, row)
            self._writing.commit()

        return _timed(write, times)

    def _sample(self, table: str) -> dict[str, Any]:
        cursor = self._connection.execute(f"SELECT * FROM {table} LIMIT 1")  # noqa: S608
        names = [column[0] for column in cursor.description]
        row = dict(zip(names, cursor.fetchone(), strict=True))
        row.pop("id", None)
        return {name: _as_json(value) for name, value in row.items()}

    def _insert(self, table: str, row: dict[str, Any]) -> int:
        key = "message_id" if table == "tickets_messagebody" else "id"
        names = ", ".join(row)
        marks = ", ".join([self._mark] * len(row))
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING {key}"  # noqa: S608
        return int(self._writing.execute(sql, list(row.values())).fetchone()[0])

    def _all(self, sql: str, *values: Any) -> list[Any]:
        cursor = self._connection.execute(sql.replace("{mark}", self._mark), values)
        return list(cursor.fetchall())


@contextmanager
def bare(desk: Running) -> Iterator[Bare]:
    """Reads in the desk's own rows; writes on PostgreSQL there too, on SQLite in a copy, where
    nobody waits for the other at the gate."""
    with ExitStack() as stack:
        connection, mark = stack.enter_context(connected(desk))
        if desk.is_postgresql:
            import psycopg

            writing = stack.enter_context(psycopg.connect(desk.database_url))
            yield Bare(connection, writing, mark, desk.kind)
            return
        folder = Path(tempfile.mkdtemp(prefix="otklik-bare-", dir=desk.home.parent))
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        path = folder / "copy.sqlite3"
        subprocess.run(["cp", "--reflink=auto", str(desk.written), str(path)], check=True)
        copy = sqlite3.connect(path, isolation_level=None)
        stack.callback(copy.close)
        copy.execute("PRAGMA journal_mode=WAL")
        copy.execute("PRAGMA synchronous=FULL")
        yield Bare(connection, copy, mark, desk.kind)


def fsync(folder: Path, times: int = 100) -> Figures:
    """Four kilobytes made safe: below this no acknowledgement can be."""
    path = folder / "fsync"
    with path.open("wb", buffering=0) as stream:

        def write(at: int) -> None:
            stream.write(b"x" * 4096)
            os.fsync(stream.fileno())

        return _timed(write, times)


def _timed(do: Any, times: int) -> Figures:
    figures = Figures()
    begun = time.perf_counter()
    for at in range(times):
        started = time.perf_counter()
        do(at)
        figures.seconds.append(time.perf_counter() - started)
    figures.elapsed = time.perf_counter() - begun
    return figures


def _as_json(value: Any) -> Any:
    if isinstance(value, (dict, list)):
        from psycopg.types.json import Jsonb

        return Jsonb(value)
    return value
