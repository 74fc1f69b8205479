"""Open pages under steady changes: from the commit to the fragment, and what a page costs.

Each connection is another agent's page with the list of all open tickets and one ticket. It
subscribes as a browser does and fetches what changed, one round at a time. One of them is a real
Chromium (`watching`).
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from bench.clients import Figures
from bench.driving import Driven, Seen
from bench.footprint import memory_of
from bench.lines import (
    LIVE_FRAGMENT,
    LIVE_FRAMES,
    LIVE_INBOX,
    LIVE_MEMORY,
    LIVE_MOST,
    LIVE_PAINT,
    LIVE_RATE,
    Line,
    line_of,
)
from bench.running import ROOT, Running
from bench.watching import Watch

PAGES = 200
RATE = 50.0
APART = 0.5  # seconds between two frames of a page, at least
AFTER = 10.0  # seconds that what was changed last has to arrive in
_PAUSE = 4.0

Commit = tuple[int, int, float]  # ticket, version, monotonic moment


@dataclass
class _Course:
    """What happened: moments are of the machine's monotonic clock."""

    seen: list[Seen] = field(default_factory=list)
    painted: list[tuple[str, int, int, float]] = field(default_factory=list)
    commits: list[Commit] = field(default_factory=list)
    begun: float = 0.0
    held: float = 0.0
    ended: float = 0.0


# What changes is what the list shows first, and then as many again that it does not.
_NEWEST = (
    "SELECT id, number FROM tickets_ticket WHERE is_unfinished"
    " ORDER BY last_message_at DESC, id DESC LIMIT {}"
)


def measure_live(desk: Running, *, seconds: float, pages: int = PAGES) -> Iterator[Line]:
    cookies = _sit_down(desk, pages + 1)
    rows = desk.ask(_NEWEST, pages)
    before = memory_of(desk)
    course = asyncio.run(_drive(desk, cookies, rows, seconds))
    count, commits = len(rows), course.commits
    yield Line(
        LIVE_MEMORY,
        clients=count,
        value=round(max(0.0, course.held - before) * 1024 / count, 1),
        unit="kB",
        note=f"PSS of all processes: {before:.0f} MB before, {course.held:.0f} MB with them open",
    )
    took = commits[-1][2] - commits[0][2]
    yield Line(LIVE_RATE, value=round(len(commits) / took, 1), unit="/s")
    lists, tickets = [], []
    for one in course.seen:
        lists += waits(commits, one.rows, course.ended, one.first)
        tickets += waits([each for each in commits if each[0] == one.ticket], one.ticket_at)
    yield line_of(LIVE_FRAGMENT, Figures(tickets, took), count)
    yield line_of(LIVE_INBOX, Figures(lists, took), count)
    if course.painted:
        yield line_of(LIVE_PAINT, Figures(_painted(course), took), count)
    gaps = [b - a for one in course.seen for a, b in pairwise(one.frames)]
    failures = sum(one.failures for one in course.seen)
    yield Line(
        LIVE_FRAMES,
        clients=count,
        value=round(min(gaps, default=APART), 3),
        unit="s",
        note=f"{sum(len(one.frames) for one in course.seen)} frames, {failures} failed requests,"
        f" {sum(one.whole for one in course.seen)} asked by their address",
    )
    yield Line(
        LIVE_MOST,
        clients=count,
        value=max(most_within(one.frames, APART * 0.95) for one in course.seen),
        unit="frames",
    )


def waits(
    commits: list[Commit],
    arrived: list[tuple[int, int, float]],
    ended: float | None = None,
    shown: frozenset[int] | None = None,
) -> list[float]:
    """For each commit: until the page had the thing at least as new. ``shown``: only of things
    that it showed from the beginning; what never came counts as long as was waited."""
    had: dict[int, list[tuple[int, float]]] = {}
    for pk, version, at in arrived:
        had.setdefault(pk, []).append((version, at))
    last = ended or (commits[-1][2] + AFTER if commits else 0.0)
    found = []
    for pk, version, at in commits:
        if shown is None or pk in shown:
            times = [moment for got, moment in had.get(pk, ()) if got >= version]
            found.append(max(0.0, min(times, default=last) - at))
    return found


def most_within(moments: list[float], seconds: float) -> int:
    """The most of them in any span so long."""
    most = first = 0
    for at, moment in enumerate(moments):
        while moments[first] < moment - seconds:
            first += 1
        most = max(most, at - first + 1)
    return most


def _painted(course: _Course) -> list[float]:
    """In Chromium: rows that it showed from the beginning, and its own ticket."""
    rows = [(pk, version, at) for kind, pk, version, at in course.painted if kind == "row"]
    own = [(pk, version, at) for kind, pk, version, at in course.painted if kind == "ticket"]
    shown = frozenset(pk for pk, _version, at in rows if at < course.begun)
    found = waits(course.commits, rows, course.ended, shown)
    ids = {pk for pk, _version, _at in own}
    return found + waits([each for each in course.commits if each[0] in ids], own, course.ended)


def _sit_down(desk: Running, count: int) -> list[str]:
    """Cookies of as many agents."""
    said = subprocess.run(
        [sys.executable, "-m", "bench.staff", str(count)],
        cwd=ROOT, env=dict(desk.environment), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    return said.stdout.split()


async def _drive(
    desk: Running, cookies: list[str], rows: list[tuple[int, int]], seconds: float
) -> _Course:
    course = _Course()
    driven = [
        Driven(desk, cookie, pk, number)
        for cookie, (pk, number) in zip(cookies, rows, strict=False)
    ]
    tasks = [asyncio.create_task(one.run(at / 25)) for at, one in enumerate(driven)]
    watch = Watch(desk, cookies[-1], f"/tickets/{rows[0][1]}/?list=all")
    await asyncio.to_thread(watch.start)
    await asyncio.gather(*(one.ready.wait() for one in driven))
    await asyncio.sleep(_PAUSE)
    course.held = memory_of(desk)
    ids = [str(pk) for pk, _number in rows]
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bench.changing", str(RATE), str(seconds), *ids,
        cwd=ROOT, env=dict(desk.environment), stdout=subprocess.PIPE,
    )  # fmt: skip
    said, _ = await child.communicate()
    if child.returncode:
        raise RuntimeError("bench.changing failed")
    for line in said.decode().splitlines():
        pk, version, moment = line.split()
        course.commits.append((int(pk), int(version), float(moment)))
    await asyncio.sleep(AFTER)
    course.begun, course.ended = course.commits[0][2], course.commits[-1][2] + AFTER
    course.painted = await asyncio.to_thread(watch.end)
    for task in tasks:
        task.cancel()
    found = await asyncio.gather(*tasks, return_exceptions=True)
    failed = [each for each in found if isinstance(each, Exception)]
    if failed:
        raise failed[0]
    course.seen = [one.seen for one in driven]
    return course
