"""otklik init: folders, keys, tables and what every desk starts with. Repeating it is safe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik init", description=__doc__).parse_args(words)
    from otklik.project.start import set_up

    set_up()
    from otklik.core.hooks.program import find_setup_link
    from otklik.core.settings import config
    from otklik.project.keeping.guarding import confirm_open
    from otklik.project.keeping.phases import bring_up
    from otklik.project.preparing import confirm_keys, initialise

    confirm_open()
    bring_up()
    confirm_keys()
    initialise()
    print(f"Ready: {config().home}")
    link = None if config().is_demo else find_setup_link()
    if link:
        print(f"Set up the desk here, once: {config().public_url}{link}")
    return 0
