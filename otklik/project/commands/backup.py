"""otklik backup: one file with everything but the keys, made while the desk runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from otklik.project.stopping import Stop


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik backup", description=__doc__)
    parser.add_argument(
        "--to", type=Path, metavar="FILE|DIR", help="where to (default: backups in the home folder)"
    )
    parser.add_argument(
        "--key", type=Path, metavar="FILE", help="also copy the key file there: away from backups"
    )
    parser.add_argument(
        "--verify",
        nargs="?",
        type=Path,
        const=Path(),
        metavar="FILE",
        help="read the backup again and compare every hash; with FILE only that",
    )
    parser.add_argument(
        "--keep", type=int, metavar="N", help="afterwards keep only the newest N in that folder"
    )
    parser.add_argument(
        "--without-files", action="store_true", help="rows only: the files are kept elsewhere"
    )
    chosen = parser.parse_args(words)
    if chosen.keep is not None and chosen.keep < 1:
        raise Stop("--keep keeps at least 1.", 64)
    if chosen.verify not in (None, Path()):
        return _verify(chosen.verify)
    from otklik.project.start import set_up
    from otklik.project.words import Progress

    set_up()
    from otklik.core.settings import config
    from otklik.project.keeping.making import choose_path, copy_key, make_backup, rotate
    from otklik.project.keeping.reporting import note_backup, only_one

    key_file = config().key_file
    with only_one():
        path = choose_path(chosen.to)
        with Progress("Backing up") as progress:
            made = make_backup(path, progress, with_files=not chosen.without_files)
        size = path.stat().st_size
        print(f"{path}: {made.rows:,} rows, {made.files:,} files, {_in_words(size)}")
        if chosen.key:
            copy_key(chosen.key)
            print(f"The key file was copied to {chosen.key}. Keep it away from the backups.")
        else:
            print(
                f"Not in it: the key file {key_file}. Without it passwords of mailboxes cannot be "
                "read after a restore; keep a copy apart (--key FILE)."
            )
        if chosen.verify is not None:
            _verify(path)
        if chosen.keep:
            for old in rotate(path.parent, chosen.keep):
                print(f"Removed: {old.name}")
        note_backup(made, size)
    if made.missing:
        print(
            f"otklik: {made.missing} files that messages name are not in the store and not in the "
            "backup; manifest.json lists them.",
            file=sys.stderr,
        )
    for name in made.absent:
        print(
            f"otklik: the plug-in {name} is not installed; its tables are not in the backup.",
            file=sys.stderr,
        )
    return 1 if made.missing or made.absent else 0


def _verify(path: Path) -> int:
    from otklik.project.keeping.archive import Unusable, verify
    from otklik.project.words import Progress

    try:
        with Progress("Checking the backup") as progress:
            found = verify(path, progress)
    except Unusable as error:
        raise Stop(f"{error}.") from None
    print(
        f"{path.name} is whole: {found.tables} tables, {found.rows:,} rows, {found.files:,} files."
    )
    return 0


def _in_words(size: int) -> str:
    for unit, factor in (("GB", 1 << 30), ("MB", 1 << 20)):
        if size >= factor:
            return f"{size / factor:.1f} {unit}"
    return f"{size / 1024:.0f} kB"
