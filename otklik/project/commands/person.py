"""otklik person export|erase|scrub: what an operator does with personal data."""

from __future__ import annotations

from collections.abc import Sequence


def run(words: Sequence[str]) -> int:
    from otklik.project.commands.rooms import run_of_rooms

    return run_of_rooms("person", words)
