"""What is measured, each through the running desk and beside its bare cost."""

from __future__ import annotations

import json
import os
import random
import re
import smtplib
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import quote, urljoin

from bench.bare import Bare, bare, fsync
from bench.clients import Client, Figures, measure
from bench.running import Running
from bench.seed import MAILBOX

_QUERIES = ("вода", "boiler", "акт", "датчик ошибка", "помол", "зерно", "invoice", "нет такого")
_EFFECTS_PATIENCE = 120.0
# What a module fetches before it runs; import() comes later and is no part of the first load.
_IMPORTED = re.compile(r'(?:from|import)\s*"(\.[^"]+\.js)"')


@dataclass
class Line:
    """One line of the table. Milliseconds; ``value`` where it is something else."""

    name: str
    clients: int = 1
    p50: float | None = None
    p95: float | None = None
    per_second: float | None = None
    bare_p50: float | None = None
    ratio: float | None = None
    value: float | None = None
    unit: str = ""

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


def run(desk: Running, *, quick: bool = False) -> Iterator[Line]:
    """Measure everything, one line at a time."""
    times = 40 if quick else 200
    numbers = random.Random(4).choices(range(1, desk.size + 1), k=times)  # noqa: S311
    with bare(desk) as plain:
        yield from _pages(desk, plain, numbers)
        yield from _rest(desk, plain, numbers)
        written = plain.write_tickets(times)
    safe = fsync(desk.home)
    yield _line("bare: rows of a ticket, committed", written)
    yield _line("bare: 4 kB and fsync", safe)
    yield from _mail(desk, written, times)
    yield Line("memory, PSS of all processes", value=round(_pss(desk.pid) / 1024, 1), unit="MB")
    yield from _weight(desk)


def _pages(desk: Running, plain: Bare, numbers: list[int]) -> Iterator[Line]:
    times = len(numbers)
    words = [_QUERIES[at % len(_QUERIES)] for at in range(times)]

    def page(
        path: Callable[[int], str], **headers: str
    ) -> Callable[[int], Callable[[int], object]]:
        def make(_number: int) -> Callable[[int], object]:
            client = Client(desk.port).sign_in()
            return lambda at: client.get(path(at), **headers)

        return make

    pages: list[tuple[str, Callable[[int], str], dict[str, str], Figures]] = [
        ("inbox page", lambda at: "/tickets/?list=all", {}, plain.list_page(times)),
        ("ticket page", lambda at: f"/tickets/{numbers[at]}/", {}, plain.ticket(numbers)),
        ("search", lambda at: f"/tickets/?q={quote(words[at])}", {}, plain.search(words)),
        (
            "counts of the lists",
            lambda at: "/tickets/?list=all",
            {"HX_Request": "true", "HX_Target": "nav-lists"},
            plain.counts(times),
        ),
    ]
    for name, path, headers, cost in pages:
        for clients in (1, 4):
            figures = measure(page(path, **headers), times=times, clients=clients)
            yield _line(name, figures, clients, cost)


def _rest(desk: Running, plain: Bare, numbers: list[int]) -> Iterator[Line]:
    times = len(numbers)
    cost = plain.list_page(times)

    def reading(number: int) -> Callable[[int], object]:
        client = Client(desk.port, desk.tokens[number])
        return lambda at: client.get("/api/v1/tickets?limit=50")

    def creating(first: int) -> Callable[[int], Callable[[int], object]]:
        def make(number: int) -> Callable[[int], object]:
            client = Client(desk.port, desk.tokens[first + number])

            def create(at: int) -> bytes:
                body = {
                    "subject": f"Помпа гудит {at}",
                    "text": "Громко гудит помпа, кофе льётся тонкой струйкой. " * 4,
                    "requester": {"address": f"c{at % 40}@customers.example"},
                }
                headers = {"Content-Type": "application/json", "Idempotency-Key": uuid.uuid4().hex}
                return client.ask("POST", "/api/v1/tickets", json.dumps(body), headers)

            return create

        return make

    for clients in (1, 4):
        figures = measure(reading, times=times, clients=clients)
        yield _line("REST list of 50", figures, clients, cost)
    for clients, first in ((1, 4), (4, 5)):
        figures = measure(creating(first), times=times, clients=clients)
        yield _line("REST create", figures, clients, plain.write_tickets(50))


def _mail(desk: Running, cost: Figures, times: int) -> Iterator[Line]:
    for senders in (1, 4):

        def make(number: int, *, label: str = f"lmtp{senders}") -> Callable[[int], object]:
            server = smtplib.LMTP("127.0.0.1", desk.mail_port, timeout=30)
            return lambda at: server.send_message(_letter(f"{label}-{number}-{at}"))

        figures = measure(make, times=times, clients=senders)
        yield _line("LMTP, acknowledged", figures, senders, cost)
    waited = _effects(desk)
    yield Line("effects done after the last letter", value=round(waited, 2), unit="s")
    program = Path(sys.executable).with_name("otklik")

    def pipe(_number: int) -> Callable[[int], object]:
        def deliver(at: int) -> None:
            done = subprocess.run(
                [str(program), "mail", "deliver", "--to", MAILBOX],
                input=_letter(f"pipe-{at}").as_bytes(),
                env=dict(desk.environment),
                capture_output=True,
                timeout=60,
            )
            if done.returncode:
                raise RuntimeError(f"the pipe ended with {done.returncode}: {done.stderr!r}")

        return deliver

    yield _line("pipe", measure(pipe, times=max(10, times // 8)), 1, cost)


def _letter(name: str) -> EmailMessage:
    letter = EmailMessage()
    letter["From"] = f"Клиент <c{abs(hash(name)) % 40}@customers.example>"
    letter["To"] = MAILBOX
    letter["Subject"] = f"Помпа гудит {name}"
    letter["Message-ID"] = f"<{uuid.uuid4().hex}@customers.example>"
    letter["Date"] = time.strftime("%a, %d %b %Y %H:%M:%S +0000", time.gmtime())
    letter.set_content("Здравствуйте! Громко гудит помпа.\n" * 12)
    letter.add_alternative("<p>Здравствуйте! Громко гудит помпа.</p>" * 12, subtype="html")
    return letter


def _effects(desk: Running) -> float:
    """Seconds until no event waits any more."""
    started = time.monotonic()
    while _waiting(desk):
        if time.monotonic() - started > _EFFECTS_PATIENCE:
            raise RuntimeError(f"events still wait after {_EFFECTS_PATIENCE:.0f} s")
        time.sleep(0.1)
    return time.monotonic() - started


def _waiting(desk: Running) -> int:
    sql = "SELECT count(*) FROM events_eventrow WHERE dispatched_at IS NULL"
    if desk.is_postgresql:
        import psycopg

        with psycopg.connect(desk.database_url) as server:
            row = server.execute(sql).fetchone()
            return int(row[0]) if row else 0
    import sqlite3

    connection = sqlite3.connect(desk.home / "otklik.sqlite3", timeout=30)
    try:
        return int(connection.execute(sql).fetchone()[0])
    finally:
        connection.close()


def _pss(pid: int) -> int:
    """Kilobytes, of the process and all below it."""
    total, waiting = 0, [pid]
    while waiting:
        each = waiting.pop()
        try:
            text = Path(f"/proc/{each}/smaps_rollup").read_text()
            tasks = Path(f"/proc/{each}/task")
            children = [(tasks / task / "children").read_text() for task in os.listdir(tasks)]
        except OSError:  # it has just ended
            continue
        found = re.search(r"^Pss:\s+(\d+) kB", text, re.MULTILINE)
        total += int(found[1]) if found else 0
        waiting += [int(child) for line in children for child in line.split()]
    return total


def _weight(desk: Running) -> Iterator[Line]:
    """JavaScript and CSS that the inbox's first load fetches, as they come over the wire."""
    client = Client(desk.port).sign_in()
    inbox = "/tickets/?list=all"
    html = client.get(inbox, encoding="identity").decode()
    tags = re.findall(r"<(?:script|link)\b[^>]*>", html)
    found = [re.search(r'(?:src|href)="(/[^"]+\.(?:js|css))"', tag) for tag in tags]
    waiting = [each[1] for each in found if each]
    paths: dict[str, int] = {}
    while waiting:
        path = waiting.pop()
        if path in paths:
            continue
        paths[path] = len(client.get(path))
        if path.endswith(".js"):
            code = client.get(path, encoding="identity").decode()
            waiting += [urljoin(path, each) for each in _IMPORTED.findall(code)]
    for ending, name in ((".js", "JavaScript"), (".css", "CSS")):
        size = sum(size for path, size in paths.items() if path.endswith(ending))
        yield Line(f"inbox: {name}, gzip", value=round(size / 1024, 1), unit="kB")
    size = len(client.get(inbox))
    yield Line("inbox: page, gzip", value=round(size / 1024, 1), unit="kB")


def _line(name: str, figures: Figures, clients: int = 1, cost: Figures | None = None) -> Line:
    line = Line(
        name,
        clients,
        p50=round(figures.p50 * 1000, 2),
        p95=round(figures.p95 * 1000, 2),
        per_second=round(figures.per_second, 1),
    )
    if cost is not None:
        line.bare_p50 = round(cost.p50 * 1000, 2)
        line.ratio = round(figures.p50 / cost.p50, 1)
    return line
