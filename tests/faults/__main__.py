"""``python -m tests.faults [--kills 120] [--seed N] [--letters 10000]``: kills, then floods.

``--database postgresql`` kills a desk on a server of its own; the server itself is not killed.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
from contextlib import ExitStack
from pathlib import Path

from tests.faults import kills
from tests.services import Missing
from tests.services.dovecot import ImapServer, dovecot
from tests.services.postgres import postgres

FLOODS = Path(__file__).with_name("test_floods.py")


def main() -> int:
    parser = argparse.ArgumentParser("tests.faults", description=__doc__)
    parser.add_argument("--kills", type=int, default=120)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1_000_000))
    parser.add_argument("--letters", type=int, default=10_000, help="0: no floods")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    chosen = parser.parse_args()
    started = time.monotonic()
    with ExitStack() as stack:
        imap: ImapServer | None = None
        try:
            imap = stack.enter_context(dovecot())
        except Missing as missing:
            print(f"Without IMAP: {missing}")
        url = ""
        if chosen.database == "postgresql":
            url = stack.enter_context(postgres(is_durable=True))
        account, left = kills.run(
            kills.at_random(chosen.kills, chosen.seed),
            imap,
            seed=chosen.seed,
            tell=_tell,
            database_url=url,
        )
    print(f"\n{account}")
    for problem in left:
        print(f"BROKEN in the end: {problem}")
    if not left:
        print("After an agent decided what was uncertain every reply was taken exactly once.")
    print(f"Seed {chosen.seed}, {time.monotonic() - started:.0f} s")
    flooded = _flood(chosen.letters) if chosen.letters else 0
    return 1 if account.problems or left or flooded else 0


def _flood(letters: int) -> int:
    """The floods of the tests, with as many letters; 0 when all is well."""
    print(f"\nFloods, {letters} letters at once", flush=True)
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-n0", "-q", "--timeout=3600", str(FLOODS)],
        env={**os.environ, "FAULTS_LETTERS": str(letters)},
        check=False,
    ).returncode


def _tell(line: str) -> None:
    print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
