"""otklik mail: only the mail services, in this process. otklik mail deliver is the pipe."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik mail", description=__doc__).parse_args(words)
    from otklik.project.parts import run_services
    from otklik.project.start import set_up

    set_up(is_serving=True)
    from otklik.project.keeping.guarding import confirm_ready
    from otklik.project.preparing import confirm_keys

    confirm_ready()
    confirm_keys()
    from otklik.core.hooks.program import Part

    return run_services(Part.MAIL)
