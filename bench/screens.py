"""What an agent sees of it: a ticket opened from the list, a very long one, a view."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from bench.clients import Client, Figures, measure
from bench.lines import LONG_TALK, OPENING, VIEW, VIEW_PLAN, Line, line_of
from bench.running import ROOT, Running
from tests.services import Missing
from tests.services.chromium import chromium

_TABLE = "tickets_ticket"
# From the click until the frame in which a message of this ticket stands has been drawn.
_OPEN = """
async (at) => {
  const row = document.querySelectorAll('#rows .row')[at];
  const id = row.dataset.id, began = performance.now();
  row.querySelector('[data-row]').click();
  const isThere = () => document.querySelector('#ticket-head')?.dataset.ticket === id
    && document.querySelector('#timeline .said-body')?.textContent.trim();
  while (!isThere()) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  return performance.now() - began;
}
"""
_READ = 150  # milliseconds an agent looks at what was opened


def measure_screens(desk: Running, times: int) -> Iterator[Line]:
    said = subprocess.run(
        [sys.executable, "-m", "bench.workplace"],
        cwd=ROOT, env=dict(desk.environment), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    made: dict[str, Any] = json.loads(said.stdout)
    yield _opening(desk, made["cookie"], min(times, 40))
    yield from _long_talk(desk, made, times)
    for name, view in made["views"].items():
        counted = Figures(view["seconds"], sum(view["seconds"]))
        yield line_of(f"{VIEW}{name}, count", counted)
        yield line_of(f"{VIEW}{name}, page", _get(desk, made["cookie"], [view["address"]], times))
        scans = [line for line in view["plan"] if is_scan(line)]
        note = scans[0] if scans else next((x for x in view["plan"] if "ndex" in x.lower()), "")
        plan = f"{VIEW}{name}, {VIEW_PLAN}"
        yield Line(plan, value=len(scans), unit="scans", note=" ".join(note.split())[:90])


def is_scan(line: str) -> bool:
    """Whether this line of a plan reads the table of tickets from end to end."""
    words = line.replace('"', "").split()
    if f"Seq Scan on {_TABLE}" in " ".join(words):
        return True
    return words[:1] == ["SCAN"] and words[1:2] == [_TABLE] and "USING" not in words


def _opening(desk: Running, cookie: str, times: int) -> Line:
    try:
        with chromium() as browser:
            name, _, value = cookie.partition("=")
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            context.add_cookies([{"name": name, "value": value, "url": desk.url}])
            page = context.new_page()
            page.goto(f"{desk.url}/tickets/?list=all", wait_until="networkidle")
            figures = Figures()
            for at in range(times + 1):
                took = page.evaluate(_OPEN, at) / 1000
                if at:  # the first one fetches what a browser keeps
                    figures.seconds.append(took)
                page.wait_for_timeout(_READ)
            figures.elapsed = sum(figures.seconds)
            return line_of(OPENING, figures)
    except Missing as missing:
        return Line(OPENING, note=f"skipped: {missing}")


def _long_talk(desk: Running, made: dict[str, Any], times: int) -> Iterator[Line]:
    """In turns: what is compared must have had the same machine."""
    paths = [f"/tickets/{made[name]}/" for name in ("short", "long")]
    both = _get(desk, made["cookie"], paths, times)
    short, long = (Figures(part, sum(part)) for part in (both.seconds[::2], both.seconds[1::2]))
    line = line_of(LONG_TALK, long)
    line.ratio = round(long.p50 / short.p50, 2)
    line.note = f"of 20: {short.p50 * 1000:.2f} ms"
    yield line


def _get(desk: Running, cookie: str, paths: Sequence[str], times: int) -> Figures:
    """Each so many times, one after the other."""
    client = Client(desk.port)
    client.keep_cookie(*cookie.split("=", 1))
    get = client.get
    return measure(lambda _client: lambda at: get(paths[at % len(paths)]), times=times * len(paths))
