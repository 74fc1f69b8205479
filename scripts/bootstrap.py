"""Make a checkout runnable with nothing but Python: environment, packages, front end, messages.

    python3 -m scripts.bootstrap base     what `otklik up` needs
    python3 -m scripts.bootstrap install  base with every module compiled, for a service
    python3 -m scripts.bootstrap tests    and what tests and lint need
    python3 -m scripts.bootstrap run      base, then become `otklik up`

Every step is skipped while the files it depends on are as they were (stamps in .venv), so that a
second start costs a tenth of a second. Only the standard library; the syntax stays readable for
older Pythons, because they have to be able to say that they are too old.
"""

from __future__ import annotations

import fcntl
import os
import sys
from pathlib import Path

from scripts.interpreters import OLDEST, find_newer, find_quicker

ROOT = Path(__file__).resolve().parent.parent


def main(arguments: list[str]) -> int:
    better = find_quicker() if sys.version_info >= OLDEST else find_newer()
    if better:
        os.execv(better, [better, "-m", "scripts.bootstrap", *arguments])
    if sys.version_info < OLDEST:
        print("Otklik needs Python 3.11 or later; install the package python3.11.", file=sys.stderr)
        return 1
    goal = arguments[0] if arguments else "base"
    if goal not in {"base", "install", "tests", "run"}:
        print("usage: bootstrap.py base|install|tests|run", file=sys.stderr)
        return 2
    from scripts.setup_steps import prepare
    from scripts.step import StepFailed

    os.chdir(ROOT)
    try:
        with _one_at_a_time():
            prepare(with_tests=goal == "tests", is_compiled=goal == "install")
    except StepFailed as failure:
        print(failure, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    if goal == "run":
        program = ROOT / ".venv" / "bin" / "otklik"
        os.execv(program, [str(program), "up"])
    return 0


class _one_at_a_time:  # noqa: N801 — reads as a phrase after `with`
    """Two `make`s in one checkout take turns."""

    def __enter__(self) -> None:
        cache = ROOT / ".cache"
        cache.mkdir(exist_ok=True)
        self._lock = (cache / "setup.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._lock.close()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
