"""otklik events: every event, who listens to it and in which phase."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik events", description=__doc__).parse_args(words)
    from otklik.project.start import set_up

    set_up()
    from otklik.core.events.registry import list_listeners, list_types

    for found in list_types():
        print(f"{found.name} (version {found.version}, for {found.audience})")
        for is_inside in (True, False):
            for listener in list_listeners(found.name, in_transaction=is_inside):
                when = "in the transaction" if listener.phase is None else listener.phase.name
                origins = ", ".join(sorted(origin.value for origin in listener.origins))
                print(f"  {when.lower():<20}{listener.name}  ({origins})")
    return 0
