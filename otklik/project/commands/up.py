"""otklik up: the whole desk on this machine, supervised, until Ctrl-C."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik up", description=__doc__)
    parser.add_argument("--again", metavar="STATE", help=argparse.SUPPRESS)
    chosen = parser.parse_args(words)
    from otklik.project.start import leave_out_extras

    leave_out_extras()  # before anything logs
    from otklik.project.supervisor import take_over, up

    return up() if chosen.again is None else take_over(chosen.again)
