"""otklik demo: load the demo company, or remove it and everything that belongs to it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik demo", description=__doc__)
    parser.add_argument("--remove", action="store_true", help="remove the demo company")
    parser.add_argument(
        "--new-passwords", action="store_true", help="give the demo accounts new random passwords"
    )
    chosen = parser.parse_args(words)
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop

    set_up()
    from otklik.core.hooks.program import find_demo, find_setup_link
    from otklik.core.settings import config
    from otklik.project.keeping.guarding import confirm_open
    from otklik.project.keeping.phases import bring_up
    from otklik.project.preparing import initialise, load_demo
    from otklik.project.words import Progress, call, print_accounts

    demo = find_demo()
    if demo is None:
        raise Stop("this build has no demo company.")
    confirm_open()
    bring_up()
    initialise()
    if chosen.remove:
        if not demo.is_loaded() and not demo.has_remains():
            print("There is no demo company here.")
            return 0
        with Progress("Removing the demo company") as progress:
            staying = demo.remove(progress)
        print("The demo company is gone.")
        if staying:
            print("What others have worked with since stays:")
            print("\n".join(f"  {each}" for each in staying))
        if link := find_setup_link():
            print(f"Nobody administers this desk now. Set it up, once: {config().public_url}{link}")
    elif chosen.new_passwords:
        if demo.new_passwords is None or not demo.is_loaded():
            raise Stop(f"there is no demo company here. Load it with: {call('demo')}")
        print_accounts(demo.new_passwords())
    elif demo.is_loaded():
        print(f"The demo company is here already. New passwords: {call('demo --new-passwords')}")
    else:
        print_accounts(load_demo(demo))
    return 0
