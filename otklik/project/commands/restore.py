"""otklik restore FILE: a backup into an empty home or database."""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Sequence
from pathlib import Path

from otklik.project.stopping import Stop


def run(words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser("otklik restore", description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--key", type=Path, metavar="FILE", help="the copy of the key file")
    parser.add_argument(
        "--without-key",
        action="store_true",
        help="the key file is lost: go on with another one; passwords are entered again",
    )
    parser.add_argument(
        "--replace", action="store_true", help="in the place of what the database holds now"
    )
    parser.add_argument(
        "--send-waiting",
        action="store_true",
        help="send what waited when the backup was made: only if that desk did not run since",
    )
    chosen = parser.parse_args(words)
    from otklik.project.keeping.archive import Reader, Unusable, verify
    from otklik.project.start import make_home
    from otklik.project.words import Progress

    try:
        with Progress("Checking the backup") as progress:
            verify(chosen.file, progress)
        with Reader(chosen.file) as reader:
            make_home()
            _settle_key(reader.about["keys"], chosen.key, chosen.without_key)
            return _restore(reader, replaces=chosen.replace, sends_waiting=chosen.send_waiting)
    except Unusable as error:
        raise Stop(f"{error}. Nothing was changed.") from None


def _restore(reader: object, *, replaces: bool, sends_waiting: bool) -> int:
    from otklik.project.keeping.archive import Reader
    from otklik.project.start import set_up
    from otklik.project.words import Progress, call

    assert isinstance(reader, Reader)
    set_up()
    from otklik.core.settings import config
    from otklik.project.keeping import restoring
    from otklik.project.keeping.guarding import alone, refuse_running

    with alone():
        refuse_running()
        aside = restoring.clear_the_way(replaces=replaces)
        if aside:
            print(f"What was there is kept in {aside}")
        with Progress("Restoring rows") as progress:
            restoring.load(reader, progress, print)
        with Progress("Restoring files") as progress:
            restoring.load_files(reader, progress)
        restoring.open_desk(reader.about, sends_waiting=sends_waiting, say=print)
    files = reader.manifest["files"]
    print(
        f"Restored from {reader.path.name}, made at {reader.about['made_at'][:16]} UTC: "
        f"{sum(each['rows'] for each in reader.manifest['tables'].values()):,} rows and "
        f"{files['count']:,} files, counts and hashes equal."
    )
    if not files["included"]:
        print("The backup has no files: put them where they were, and run: " + call("check"))
    if files["missing"]:
        print(f"{len(files['missing'])} files were missing already when it was made.")
    print(f"Everybody signs in again. Start the desk in {config().home}: {call('up')}")
    return 0


def _settle_key(known: list[str], given: Path | None, goes_without: bool) -> None:
    """Have a key file that fits before anything is touched, or say what its lack means."""
    from otklik.core.settings import ConfigError, config, secrets

    path = config().key_file
    if given is not None:
        try:
            ring = secrets.read_ring(given)
        except ConfigError as error:
            raise Stop(f"--key: {error}") from None
        if path.exists() and secrets.read_ring(path).keys != ring.keys:
            raise Stop(f"there is another key file already: {path}. Move it away first.")
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            shutil.copyfile(given, path)
            path.chmod(0o600)
    if goes_without:
        if not path.exists():
            secrets.add_key()
        return
    lost = "passwords of mailboxes and other stored secrets cannot be read, links that were sent"
    how = (
        "Name your copy with --key FILE. If it is lost for good, go on with --without-key: "
        f"{lost} stop working, and every password has to be entered again."
    )
    if not path.exists():
        raise Stop(f"the key file {path} is missing; it is never part of a backup. {how}", 78)
    if not set(known) <= set(secrets.read_ring(path).keys):
        raise Stop(f"the key file {path} is not the one this backup was sealed with. {how}", 78)
