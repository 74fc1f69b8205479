"""otklik key rotate: a new key; stored secrets move to it, the old one still reads."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from contextlib import suppress


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik key", description=__doc__)
    parser.add_argument("what", choices=["rotate"])
    parser.add_argument(
        "--lost",
        action="store_true",
        help="the old key file is gone for good: start a new one; stored passwords of mailboxes "
        "have to be entered again and links that were sent stop working",
    )
    chosen = parser.parse_args(words)
    from otklik.core.settings import config, secrets
    from otklik.project.stopping import Stop

    path = config().key_file
    if chosen.lost and path.exists():
        raise Stop(f"the key file {path} is not lost. Run without --lost.", 64)
    if chosen.lost or not path.exists():
        if not chosen.lost:
            secrets.key_ring()  # explains what is missing, or makes the first key
        else:
            secrets.add_key()
    else:
        secrets.key_ring()
        secrets.add_key()
    from otklik.project.start import set_up

    set_up()
    from otklik.core.settings.sealed import find_unreadable, seal_anew

    moved, failed = seal_anew()
    if chosen.lost:
        _begin_anew()
    print(f"New key {secrets.key_ring().current} in {path}. {moved} stored secrets moved to it.")
    print("Keep a copy of the file away from the database backups.")
    for each in find_unreadable():
        print(f"Not readable, enter again: {each.count} in {each.model}.{each.field}")
    return 1 if failed and not chosen.lost else 0


def _begin_anew() -> None:
    """From now on the database belongs to the new key file."""
    from django.db import DatabaseError

    from otklik.core import settings
    from otklik.core.access import SYSTEM
    from otklik.project.preparing import KEY_PROBE

    with suppress(DatabaseError):  # no tables yet: then nothing is bound to the old key
        settings.put(SYSTEM, KEY_PROBE, "otklik")
