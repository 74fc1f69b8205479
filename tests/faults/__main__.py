"""``python -m tests.faults [--kills 120] [--seed N]``: kill the desk, print the account."""

from __future__ import annotations

import argparse
import random
import sys
import time
from contextlib import ExitStack

from tests.faults import kills
from tests.services import Missing
from tests.services.dovecot import ImapServer, dovecot


def main() -> int:
    parser = argparse.ArgumentParser("tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    chosen = parser.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        imap: ImapServer | None = None
        try:
            imap = stack.enter_context(dovecot())
        except Missing as missing:
            print(f"Without IMAP: {missing}")
        account, left = kills.run(
            kills.at_random(chosen.kills, chosen.seed), imap, seed=chosen.seed, tell=_tell
        )
    print(f"\n{account}")
    for problem in left:
        print(f"BROKEN in the end: {problem}")
    if not left:
        print("After an agent decided what was uncertain every reply was taken exactly once.")
    print(f"Seed {chosen.seed}, {time.monotonic() - started:.0f} s")
    return 1 if account.problems or left else 0


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
