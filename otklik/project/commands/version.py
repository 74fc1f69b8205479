from __future__ import annotations

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from otklik import __version__

    print(__version__)
    return 0
