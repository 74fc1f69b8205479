"""otklik migrate: bring the tables up to this release."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik migrate", description=__doc__).parse_args(words)
    from otklik.project.start import set_up

    set_up()
    from otklik.project.keeping.guarding import confirm_open
    from otklik.project.keeping.phases import bring_up
    from otklik.project.words import call

    confirm_open()
    if bring_up():
        print("The tables are up to date.")
    else:
        print(
            "The tables serve this release and the one before. To take away what only that one "
            f"needs, once every process runs this release: {call('upgrade --finish')}"
        )
    return 0
