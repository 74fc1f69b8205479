"""otklik web: only the web server, in this process."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik web", description=__doc__).parse_args(words)
    from otklik.project.parts import refuse_open_demo, run_front
    from otklik.project.start import set_up
    from otklik.project.words import listen_or_stop

    refuse_open_demo()
    listener = listen_or_stop()
    set_up(is_serving=True)
    from otklik.project.keeping.guarding import confirm_ready
    from otklik.project.preparing import confirm_keys

    confirm_ready()
    confirm_keys()
    run_front(listener)
    return 0
