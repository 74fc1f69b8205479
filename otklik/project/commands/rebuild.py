"""``otklik rebuild NAME``: compute derived rows anew from the facts."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik rebuild", description=__doc__)
    parser.add_argument("name", help="tickets or search")
    chosen = parser.parse_args(words)
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop

    set_up()
    from otklik.core.web.program import list_rebuilds
    from otklik.project.words import Progress

    rebuilds = list_rebuilds()
    if chosen.name not in rebuilds:
        raise Stop(f"{chosen.name} cannot be rebuilt. What can: {', '.join(sorted(rebuilds))}", 64)
    with Progress(f"Rebuilding {chosen.name}") as progress:
        wrong = rebuilds[chosen.name](progress)
    print(f"Done; {wrong} were different." if wrong else "Done; nothing was different.")
    return 0
