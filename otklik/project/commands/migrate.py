"""otklik migrate: bring the tables up to this release."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik migrate", description=__doc__).parse_args(words)
    from otklik.project.start import set_up

    set_up()
    from otklik.project.preparing import migrate

    migrate()
    print("The tables are up to date.")
    return 0
