"""Open pages under steady changes: from the commit to the fragment, and what a page costs.

Each of the connections is a page with the list of all open tickets, which every change moves, and
one ticket: it subscribes as a browser
does and fetches what changed, one round at a time.
"""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import websockets

from bench.clients import Client, Figures
from bench.footprint import memory_of
from bench.lines import (
    LIVE_FRAGMENT,
    LIVE_FRAMES,
    LIVE_INBOX,
    LIVE_MEMORY,
    LIVE_RATE,
    Line,
    line_of,
)
from bench.running import ROOT, Running

PAGES = 200
RATE = 50.0
APART = 0.5  # seconds between two frames of a page, at least
_VERSION = re.compile(rb'id="timeline"[^>]*data-version="(\d+)"')
_PAUSE = 0.25


@dataclass
class Seen:
    """What all pages saw. Moments are monotonic seconds."""

    ticket: list[tuple[int, int, float]] = field(default_factory=list)  # id, version, received
    inbox: list[tuple[int, float, float]] = field(default_factory=list)  # page, asked, received
    frames: list[list[float]] = field(default_factory=list)
    failures: int = 0


def measure_live(desk: Running, *, seconds: float, pages: int = PAGES) -> Iterator[Line]:
    client = Client(desk.port).sign_in()
    rows = desk.ask("SELECT id, number FROM tickets_ticket ORDER BY id DESC LIMIT {}", pages)
    before = memory_of(desk)
    seen, commits, held = asyncio.run(_drive(desk, client.cookies, rows, seconds))
    yield Line(
        LIVE_MEMORY,
        clients=len(rows),
        value=round(max(0.0, held - before) * 1024 / len(rows), 1),
        unit="kB",
        note=f"PSS of all processes: {before:.0f} MB before, {held:.0f} MB with the pages open",
    )
    took = commits[-1][2] - commits[0][2]
    yield Line(LIVE_RATE, value=round(len(commits) / took, 1), unit="/s")
    yield line_of(LIVE_FRAGMENT, Figures(_of_tickets(seen, commits), took), len(rows))
    yield line_of(LIVE_INBOX, Figures(_of_inboxes(seen, commits), took), len(rows))
    gaps = [b - a for times in seen.frames for a, b in pairwise(times)]
    yield Line(
        LIVE_FRAMES,
        clients=len(rows),
        value=round(min(gaps, default=APART), 3),
        unit="s",
        note=f"{sum(map(len, seen.frames))} frames, {seen.failures} failed requests",
    )


def _of_tickets(seen: Seen, commits: list[tuple[int, int, float]]) -> list[float]:
    """For each commit: until the page that shows the ticket had a fragment at least as new."""
    had: dict[int, list[tuple[int, float]]] = {}
    for pk, version, at in seen.ticket:
        had.setdefault(pk, []).append((version, at))
    waits = []
    for pk, version, at in commits:
        arrived = [moment for got, moment in had.get(pk, ()) if got >= version and moment >= at]
        waits.append(min(arrived) - at if arrived else 30.0)
    return waits


def _of_inboxes(seen: Seen, commits: list[tuple[int, int, float]]) -> list[float]:
    """For each commit and page: until a list asked for after the commit was there."""
    waits: list[float] = []
    by_page: dict[int, list[tuple[float, float]]] = {}
    for page, asked, received in seen.inbox:
        by_page.setdefault(page, []).append((asked, received))
    for rounds in by_page.values():
        at = 0
        for _pk, _version, moment in commits:
            while at < len(rounds) and rounds[at][0] < moment:
                at += 1
            waits.append(rounds[at][1] - moment if at < len(rounds) else 30.0)
    return waits


async def _drive(
    desk: Running, cookies: str, rows: list[tuple[int, int]], seconds: float
) -> tuple[Seen, list[tuple[int, int, float]], float]:
    seen, end = Seen(), asyncio.Event()
    pages = [
        asyncio.create_task(_page(desk, cookies, at, pk, number, seen, end))
        for at, (pk, number) in enumerate(rows)
    ]
    await asyncio.sleep(4 + len(rows) / 50)
    held = memory_of(desk)
    ids = [str(pk) for pk, _number in rows]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.changing", str(RATE), str(seconds), *ids,
        cwd=ROOT, env=dict(desk.environment), stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("bench.changing failed")
    await asyncio.sleep(8)
    end.set()
    for each in pages:
        each.cancel()
    found = await asyncio.gather(*pages, return_exceptions=True)
    failed = [each for each in found if isinstance(each, Exception)]
    if failed:
        raise failed[0]
    commits = []
    for line in said.decode().splitlines():
        pk, version, moment = line.split()
        commits.append((int(pk), int(version), float(moment)))
    return seen, commits, held


async def _page(
    desk: Running, cookies: str, at: int, pk: int, number: int, seen: Seen, end: asyncio.Event
) -> None:
    headers = {"Cookie": cookies, "Origin": desk.url}
    stale: set[str] = set()
    wake = asyncio.Event()
    times: list[float] = []
    seen.frames.append(times)
    await asyncio.sleep(at / 50)
    address = desk.url.replace("http", "ws") + "/ws"
    async with websockets.connect(address, additional_headers=headers, origin=None) as socket:
        topics = ("inbox:all", "counts:all", f"ticket:{pk}", f"presence:{pk}")
        await socket.send(json.dumps({"subscribe": dict.fromkeys(topics), "age": 1}))
        await socket.send(json.dumps({"here": {f"presence:{pk}": "reading"}}))
        fetching = asyncio.create_task(_fetch(desk, cookies, at, pk, number, seen, stale, wake))
        try:
            async for text in socket:
                frame = json.loads(text)
                if "topic" not in frame:
                    continue
                times.append(time.monotonic())
                stale.update(each["topic"] for each in (frame, *frame.get("more", ())))
                wake.set()
        finally:
            fetching.cancel()


async def _fetch(
    desk: Running,
    cookies: str,
    at: int,
    pk: int,
    number: int,
    seen: Seen,
    stale: set[str],
    wake: asyncio.Event,
) -> None:
    """A round at a time, as `live.ts` does, over one kept connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)

    async def get(path: str, target: str) -> bytes:
        nonlocal reader, writer
        request = (
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{desk.port}\r\nCookie: {cookies}\r\n"
            f"HX-Request: true\r\nHX-Live: true\r\nHX-Target: {target}\r\n\r\n"
        )
        if writer.is_closing() or reader.at_eof():
            reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
        try:
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            reader, writer = await asyncio.open_connection("127.0.0.1", desk.port)
            writer.write(request.encode())
            head = await reader.readuntil(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        body = await reader.readexactly(int(length[1])) if length else b""
        if not head.startswith(b"HTTP/1.1 200"):
            seen.failures += 1
        return body

    while True:
        await wake.wait()
        wake.clear()
        due, asked = set(stale), time.monotonic()
        stale.clear()
        if f"ticket:{pk}" in due:
            body = await get(f"/tickets/{number}/", "ticket-head timeline properties")
            found = _VERSION.search(body)
            if found:
                seen.ticket.append((pk, int(found[1]), time.monotonic()))
        if f"presence:{pk}" in due:
            await get(f"/tickets/{number}/", "presence collision")
        if "inbox:all" in due:
            await get("/tickets/?list=all", "rows")
            seen.inbox.append((at, asked, time.monotonic()))
        if "counts:all" in due:
            await get("/tickets/?list=all", "nav-lists")
        await asyncio.sleep(min(5.0, max(_PAUSE, time.monotonic() - asked)))
