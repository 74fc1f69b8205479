"""Lines of the table, and the reach: what a quiet machine of two cores is asked for."""

from __future__ import annotations

import operator
from dataclasses import asdict, dataclass
from typing import Any

from bench.clients import Figures

DEFAULT = 10_000
LARGE = 1_000_000


@dataclass
class Line:
    """One line of the table. Milliseconds; ``value`` where it is something else."""

    name: str
    clients: int = 1
    p50: float | None = None
    p95: float | None = None
    per_second: float | None = None
    count: int | None = None
    bare_p50: float | None = None
    ratio: float | None = None
    value: float | None = None
    unit: str = ""
    note: str = ""
    reach: str = ""
    verdict: str = ""
    why: str = ""  # what is known to keep a line from its reach

    def as_dict(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True, slots=True)
class Reach:
    """``figure`` of the line is to be at most ``bound``, with ``is_least`` at least."""

    figure: str
    bound: float
    unit: str = "ms"
    is_least: bool = False
    clients: int = 1
    kinds: tuple[str, ...] = ("sqlite", "postgresql")

    def __str__(self) -> str:
        named = "" if self.figure in ("value", "per_second") else f"{self.figure} "
        return (
            f"{named}{'≥' if self.is_least else '≤'} {self.bound:g}{self.unit and ' '}{self.unit}"
        )


EFFECTS = "effects of 10,000 letters, after the last"
MEMORY = "memory, PSS of all processes"
FIRST_LOAD = "first load: JavaScript, CSS and page"
MIX = "search, mixed words"
GROWTH = "growth: "
FILTER = "filter: "
MEANWHILE = "while letters come in: "
OPENING = "ticket opened from the list, painted"
LONG_TALK = "ticket of 2,000 messages"
VIEW = "view: "
VIEW_PLAN = "plan"
LIVE = "200 open pages, 50 changes/s: "
LIVE_FRAGMENT = f"{LIVE}ticket"
LIVE_INBOX = f"{LIVE}list of all open"
LIVE_PAINT = f"{LIVE}painted in Chromium"
LIVE_MOST = f"{LIVE}most frames in half a second"
LIVE_FRAMES = f"{LIVE}least between frames"
LIVE_MEMORY = f"{LIVE}memory a page"
LIVE_RATE = f"{LIVE}changes"

_AT_DEFAULT = {
    "inbox page": Reach("p50", 20),
    "ticket page": Reach("p50", 15),
    "search": Reach("p50", 15),
    "REST create": Reach("per_second", 150, "/s", is_least=True),
    "LMTP, acknowledged": Reach("per_second", 200, "/s", is_least=True, kinds=("sqlite",)),
    EFFECTS: Reach("value", 60, "s"),
    "pipe": Reach("per_second", 25, "/s", is_least=True),
    MEMORY: Reach("value", 200, "MB"),
    FIRST_LOAD: Reach("value", 100, "kB"),
}
# By the beginning of the name.
_AT_LARGE = {
    GROWTH: Reach("ratio", 1.5, "×"),
    FILTER: Reach("p95", 300),
    MIX: Reach("p95", 150, kinds=("postgresql",)),
}
_AT_BOTH = {
    f"{MEANWHILE}page": Reach("p95", 100),
    f"{MEANWHILE}reply": Reach("p95", 100),
    LIVE_FRAGMENT: Reach("p95", 1000, clients=200, kinds=("postgresql",)),
    LIVE_INBOX: Reach("p95", 1000, clients=200, kinds=("postgresql",)),
    OPENING: Reach("p95", 150),
    LONG_TALK: Reach("ratio", 1.2, "×"),
    LIVE_PAINT: Reach("p95", 1000, clients=200, kinds=("postgresql",)),
    LIVE_MOST: Reach("value", 1, "frames", clients=200),
}
# Letters a second, on SQLite and PostgreSQL; else nothing was contended.
RATES = {"sqlite": 100.0, "postgresql": 200.0}
STEADY = "letters meanwhile, acknowledged"
_STEADILY = 0.95


_SHARED = "the senders, the desk and, on PostgreSQL, its server share the cores"
# Found by profiles on two cores.
_WHY = {
    "search": "a third is the page's fifty rows; the rest reads the heads of up to 1,200 candidates"
    " and weighs 120 bodies, for words that nearly every ticket has",
    "ticket page": "twenty questions to the database, on PostgreSQL each over a socket; half of the"
    " page is its template",
    OPENING: "asking and drawing share the cores with the browser; half is the desk's answer",
    "pipe": "a process for each letter: most of it is starting Python and the program",
    MIX: "words in one of forty tickets: their candidates lie far apart, and the titles of all and"
    " the bodies of the best are read",
    STEADY: _SHARED,
    f"{MEANWHILE}page": _SHARED,
    f"{MEANWHILE}reply": _SHARED,
    "REST create": "one commit and eleven statements a ticket, 4 to 5 ms of Python; the client, the"
    " desk and what follows from each ticket share two cores",
    "LMTP, acknowledged": "a letter takes 3 ms of Python and a commit of some 70 pages; it shares"
    " two cores and the one writer with the sender and with what follows from the letter before",
    MEMORY: "three processes of Python with the whole program in each; counting references copies"
    " what they share when they use it, 40 MB of it in the front",
}
_WHY |= dict.fromkeys(
    (LIVE_FRAGMENT, LIVE_INBOX, LIVE_PAINT),
    "200 browsers that are driven, the one that is real, who changes, what follows from each"
    " change, the server and one front share the cores; most of it are the tickets' own pieces",
)
_UNKNOWN = "not known: a machine that is busy, or something that has become slower"


def judge(line: Line, size: int, kind: str) -> Line:
    """Say beside the line what is asked for and whether it was met. Other sizes are not asked."""
    asked: Reach | None = None
    if size in (DEFAULT, LARGE):
        asked = _AT_BOTH.get(line.name)
    if size == DEFAULT:
        asked = _AT_DEFAULT.get(line.name, asked)
    if size == LARGE:
        found = [reach for begin, reach in _AT_LARGE.items() if line.name.startswith(begin)]
        asked = found[0] if found else asked
    if line.name == STEADY and size in (DEFAULT, LARGE):
        least = RATES[kind] * _STEADILY
        asked = Reach("per_second", least, "/s", is_least=True, clients=line.clients)
    if line.name.startswith(VIEW) and line.name.endswith(VIEW_PLAN):
        asked = Reach("value", 0, "scans")
    if asked is None or kind not in asked.kinds or line.clients != asked.clients:
        return line
    figure = getattr(line, asked.figure)
    if figure is None:
        return line
    is_met = (operator.ge if asked.is_least else operator.le)(figure, asked.bound)
    line.reach, line.verdict = str(asked), "met" if is_met else "missed"
    if not is_met:
        line.why = _WHY.get(line.name, _UNKNOWN)
    return line


def line_of(name: str, figures: Figures, clients: int = 1, cost: Figures | None = None) -> Line:
    if not figures.seconds:
        return Line(name, clients, count=0, note="nothing of it was seen")
    line = Line(
        name,
        clients,
        p50=round(figures.p50 * 1000, 2),
        p95=round(figures.p95 * 1000, 2),
        per_second=round(figures.per_second, 1),
        count=len(figures.seconds),
    )
    if cost is not None:
        line.bare_p50 = round(cost.p50 * 1000, 2)
        line.ratio = round(figures.p50 / cost.p50, 1)
    return line
