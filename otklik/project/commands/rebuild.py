"""otklik rebuild NAME: compute derived rows anew from the facts."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik rebuild", description=__doc__)
    parser.add_argument("name", help="tickets or search")
    chosen = parser.parse_args(words)
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop

    set_up()
    from otklik.core.hooks.program import list_rebuilds
    from otklik.project.words import Progress

    rebuilds = list_rebuilds()
    if chosen.name not in rebuilds:
        raise Stop(f"{chosen.name} cannot be rebuilt. What can: {', '.join(sorted(rebuilds))}", 64)
    with Progress(f"Rebuilding {chosen.name}") as progress:
        written = rebuilds[chosen.name](progress)
    print(f"Done: {written:,} written anew." if written else "Done: nothing had to change.")
    return 0


def rebuild_search(progress: Callable[[int, int | None], None]) -> int:
    """Every kind of document anew; returns how many documents there are."""
    from otklik.core.search.rebuilding import list_kinds, rebuild

    written = 0
    for kind in list_kinds():
        before = written
        written += rebuild(kind, lambda done, before=before: progress(before + done, None))  # type: ignore[misc]
    return written
