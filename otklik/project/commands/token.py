"""otklik token create --user EMAIL: make a token for REST; it is shown this once."""

from __future__ import annotations

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from otklik.project.commands.rooms import run_of_rooms

    return run_of_rooms("token", words)
