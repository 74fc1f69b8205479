"""``python -m bench``: a table per database, JSON of everything in ``.cache/bench/last.json``."""

from __future__ import annotations

import argparse
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from typing import Any

from bench.lines import DEFAULT, Line, judge
from bench.measures import run
from bench.running import CACHE, KINDS, ROOT, seeded_desk
from tests.services import Missing


def main() -> int:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("--size", type=read_size, default=DEFAULT, help="tickets: 10k, 1m, 2500")
    parser.add_argument("--quick", action="store_true", help="a fifth of everything")
    parser.add_argument(
        "--database",
        choices=KINDS,
        default=os.environ.get("DATABASE") or None,
        help="one of them; without it, both",
    )
    chosen = parser.parse_args()
    # Who ends us ends the desk and the server too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            print("Another measurement is running; two at once measure each other.")
            return 1
        return _measure_all([chosen.database] if chosen.database else KINDS, chosen)


def _measure_all(kinds: Sequence[str], chosen: argparse.Namespace) -> int:
    reports = []
    for kind in kinds:
        try:
            reports.append(_measure(kind, chosen.size, quick=chosen.quick))
        except Missing as missing:
            print(f"\nSkipped {kind}: {missing}")
    _keep("last.json", {"runs": reports})
    return 0 if reports else 1


def _measure(kind: str, size: int, *, quick: bool) -> dict[str, Any]:
    lines: list[Line] = []
    begun, load = time.gmtime(), os.getloadavg()
    with seeded_desk(size, kind) as desk:
        started = time.monotonic()
        print(f"\n{size:,} tickets, {kind}, {os.cpu_count()} cores, load {load[0]:.1f}\n")
        print(_row("", "clients", "p50 ms", "p95 ms", "per s", "bare ms", "ratio"))
        for line in run(desk, quick=quick):
            lines.append(judge(line, size, kind))
            print(_show(line), flush=True)
    took = time.monotonic() - started
    print(f"\nratio: p50 beside the same rows by plain SQL. Took {took:.0f} s.")
    missed = [line for line in lines if line.verdict == "missed"]
    met = sum(line.verdict == "met" for line in lines)
    if met or missed:
        named = ", ".join(line.name for line in missed)
        print(f"Reach: {met} met, {len(missed)} missed{': ' if missed else ''}{named}.")
    for line in missed:
        print(f"  {line.name}: {line.why}.")
    report = {
        "size": size,
        "database": kind,
        "is_quick": quick,
        "cores": os.cpu_count(),
        "load": load,
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", begun),
        "commit": _commit(),
        "seconds": round(took, 1),
        "lines": [line.as_dict() for line in lines],
    }
    _keep(f"{kind}-{size}.json", report)
    return report


def _keep(name: str, report: dict[str, Any]) -> None:
    (CACHE / name).write_text(json.dumps(report, ensure_ascii=False, indent=1))


def _commit() -> str:
    """Of what was measured; empty outside a checkout."""
    command = ["git", "describe", "--always", "--dirty"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def read_size(text: str) -> int:
    factor = {"k": 1000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(text[:-1] if factor > 1 else text) * factor


def _show(line: Line) -> str:
    asked = f"  {line.reach} {line.verdict}" if line.reach else ""
    note = f"  ({line.note})" if line.note else ""
    if line.p50 is None:
        value = "" if line.value is None else f"{line.value:g} {line.unit}"
        return _row(line.name, "", value, *[""] * 4) + asked + note
    cells = (line.clients, line.p50, line.p95, line.per_second, line.bare_p50, line.ratio)
    return _row(line.name, *("" if cell is None else f"{cell:g}" for cell in cells)) + asked + note


def _row(name: str, *cells: str) -> str:
    return f"{name:<42}" + "".join(f"{cell:>10}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
