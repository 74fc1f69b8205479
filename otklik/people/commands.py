"""What an operator does with personal data at the command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from otklik.core.access import SYSTEM, ActionError
from otklik.core.hooks.program import register_command
from otklik.people import erasing, tombstones
from otklik.people.actions.erasing import erase_person
from otklik.people.exporting import write_archive
from otklik.people.models import ErasureReason, Person

_NOBODY = 67


def wire() -> None:
    register_command("person export", "all that is known of one: --id N --to FILE.zip", export)
    register_command("person erase", "erase one for good: --id N --reason asked --yes", erase)
    register_command("person scrub", "write the database anew without its gaps", scrub)


def export(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="otklik person export")
    parser.add_argument("--id", type=int, required=True, help="as in the address of their page")
    parser.add_argument("--to", type=Path, required=True, metavar="FILE.zip")
    given = parser.parse_args(list(arguments))
    person = _find(given.id)
    if person is None:
        return _NOBODY
    handle = os.open(given.to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as target:
        write_archive(person, target)
    print(given.to)
    return 0


def erase(arguments: Sequence[str]) -> int:
    """Without ``--yes`` only says what would go."""
    parser = argparse.ArgumentParser(prog="otklik person erase")
    parser.add_argument("--id", type=int, required=True, help="as in the address of their page")
    parser.add_argument("--reason", choices=ErasureReason.values, default=ErasureReason.ASKED)
    parser.add_argument("--yes", action="store_true", help="do it; nothing brings it back")
    given = parser.parse_args(list(arguments))
    person = _find(given.id)
    if person is None:
        return _NOBODY
    for told in erasing.preview_erasure(person):
        print(f"{told.count:>8}  {told.words}")
    if not given.yes:
        print("Nothing was erased. Add --yes to do it; nothing brings it back.")
        return 0
    try:
        erasure = erase_person(SYSTEM, person, reason=given.reason)
    except ActionError as refused:
        print(f"otklik: {refused}", file=sys.stderr)
        return 65
    erasing.run_erasure(erasure.pk)
    tombstones.write_tombstones()
    print("Erased. A job looks once more in five minutes, for what was on its way in.")
    return 0


def scrub(arguments: Sequence[str]) -> int:
    argparse.ArgumentParser(prog="otklik person scrub").parse_args(list(arguments))
    print(erasing.scrub())
    return 0


def _find(person_id: int) -> Person | None:
    found = Person.objects.filter(pk=person_id, erased_at=None).first()
    if found is None:
        print(f"otklik: there is no person {person_id}, or they are erased", file=sys.stderr)
    return found
