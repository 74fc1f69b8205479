"""otklik check: what is wrong with this installation, and what to do about it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from otklik.core.hooks.program import CheckResult

_MARKS = {"ok": "ok", "warning": "!", "failed": "FAILED"}


def run(words: Sequence[str]) -> int:
    argparse.ArgumentParser("otklik check", description=__doc__).parse_args(words)
    from otklik.core.settings import config
    from otklik.project.start import set_up
    from otklik.project.stopping import Stop
    from otklik.project.words import call

    settings = config()
    if settings.database.kind == "sqlite" and not settings.home.is_dir():
        # Looking makes nothing: a mistyped home is not filled with keys.
        raise Stop(
            f"there is no desk in {settings.home}. Name its folder in OTKLIK_HOME, or make one: "
            f"{call('up')}"
        )
    set_up()
    from otklik.core.hooks.program import list_checks

    has_failed = False
    for name, check in list_checks():
        try:
            results = list(check())
        except Exception as error:
            reason = (str(error).splitlines() or [""])[0]
            results = [CheckResult(name, "failed", f"{type(error).__name__}: {reason}")]
        for result in results:
            has_failed |= result.state == "failed"
            print(f"{_MARKS.get(result.state, result.state):<7} {result.name}: {result.detail}")
            if result.advice:
                print(f"{'':<7} {result.advice}")
    return 1 if has_failed else 0
