"""``python -m bench [--size 10k|1m|NUMBER] [--database sqlite|postgresql]``: table and JSON."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from bench.measures import Line, run
from bench.running import CACHE, seeded_desk


def main() -> int:
    parser = argparse.ArgumentParser("bench", description=__doc__)
    parser.add_argument("--size", type=_size, default=_size("10k"))
    parser.add_argument("--quick", action="store_true", help="a fifth of the requests")
    parser.add_argument(
        "--database",
        choices=("sqlite", "postgresql"),
        default=os.environ.get("DATABASE") or "sqlite",
    )
    chosen = parser.parse_args()
    started = time.monotonic()
    lines: list[Line] = []
    with _database(chosen.database) as url, seeded_desk(chosen.size, url) as desk:
        print(f"\n{chosen.size:,} tickets, {chosen.database}, {os.cpu_count()} cores\n")
        print(_row("", "clients", "p50 ms", "p95 ms", "per s", "bare ms", "ratio"))
        for line in run(desk, quick=chosen.quick):
            lines.append(line)
            print(_show(line), flush=True)
    took = time.monotonic() - started
    print(f"\nratio: p50 beside the same rows by plain SQL. Took {took:.0f} s.")
    CACHE.mkdir(parents=True, exist_ok=True)
    report = {
        "size": chosen.size,
        "database": chosen.database,
        "cores": os.cpu_count(),
        "load": os.getloadavg(),
        "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": round(took, 1),
        "lines": [line.as_dict() for line in lines],
    }
    (CACHE / "last.json").write_text(json.dumps(report, ensure_ascii=False, indent=1))
    return 0


@contextmanager
def _database(kind: str) -> Iterator[str]:
    """An URL, "" for SQLite. The server's commits wait for the disk, as a real one's do."""
    if kind == "sqlite":
        yield ""
        return
    from tests.services.postgres import postgres

    with postgres(is_durable=True) as url:
        yield url


def _size(text: str) -> int:
    factor = {"k": 1000, "m": 1_000_000}.get(text[-1:].lower(), 1)
    return int(text[:-1] if factor > 1 else text) * factor


def _show(line: Line) -> str:
    if line.value is not None:
        return _row(line.name, "", f"{line.value:g} {line.unit}")
    cells = (line.clients, line.p50, line.p95, line.per_second, line.bare_p50, line.ratio)
    return _row(line.name, *("" if cell is None else f"{cell:g}" for cell in cells))


def _row(name: str, *cells: str) -> str:
    return f"{name:<36}" + "".join(f"{cell:>10}" for cell in cells)


if __name__ == "__main__":
    sys.exit(main())
