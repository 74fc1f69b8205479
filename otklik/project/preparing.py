"""Tables, first rows and the demo company, before anything is served."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path

from otklik.core.hooks.program import Demo, find_demo, list_init_steps
from otklik.core.settings import config
from otklik.project.keeping.guarding import confirm_open, confirm_standing
from otklik.project.keeping.phases import bring_up
from otklik.project.words import Progress

FIRST_START = "program.first_start_done"
# A sealed word in the database: a node with another key file finds out before it serves.
KEY_PROBE = "program.key_probe"


def prepare() -> Sequence[tuple[str, str, str]]:
    """Everything ``otklik up`` needs before it serves; returns the accounts to show, if any.

    A start with nothing new costs four queries and imports no migration: the schema's fingerprint
    is remembered, and with it that the tables are not of a newer release.
    """
    confirm_standing()
    if _remembered() == _fingerprint():
        confirm_keys()
        if _is_first_start_done():
            return ()
    else:
        confirm_open()
        bring_up()
        confirm_keys()
    initialise()
    accounts: Sequence[tuple[str, str, str]] = ()
    if not _is_first_start_done():
        demo = find_demo()
        is_wanted = config().is_demo and demo is not None and not demo.is_loaded()
        if is_wanted and demo is not None and demo.has_room():
            accounts = load_demo(demo)
        elif demo is not None:
            clear_remains(demo)
        _note_first_start()
    _remember()
    return accounts


def confirm_keys() -> None:
    """Raises ConfigError when the key file is not the one this database was sealed with."""
    from otklik.core import settings
    from otklik.core.access import SYSTEM
    from otklik.core.settings import ConfigError, secrets

    try:
        is_known = bool(settings.get(KEY_PROBE))
    except secrets.SecretError:
        raise ConfigError(
            f"The key file {config().key_file} does not belong to this database. Put the right "
            "one back from your backup, or copy it from the node that works. If it is lost for "
            "good, move this file away and run: otklik key rotate --lost"
        ) from None
    if not is_known:
        settings.put(SYSTEM, KEY_PROBE, "otklik")


def initialise() -> None:
    """Run every room's first rows, in order."""
    for _name, step in list_init_steps():
        step()


def load_demo(demo: Demo) -> Sequence[tuple[str, str, str]]:
    with Progress("Loading the demo company") as progress:
        return demo.load(progress)


def clear_remains(demo: Demo) -> None:
    """Take away what an interrupted load has left: its administrator's password nobody saw."""
    if demo.has_remains():
        with Progress("Removing what is left of the demo company") as progress:
            demo.remove(progress)


def _fingerprint() -> dict[str, object]:
    """What the code expects and what the database has; equal to the remembered one: all is done."""
    from django.apps import apps
    from django.db import DatabaseError, connection

    from otklik import __version__

    digest = hashlib.sha256(__version__.encode())
    for found in apps.get_app_configs():
        for path in sorted(Path(found.path, "migrations").glob("*.py")):
            digest.update(path.name.encode() + path.read_bytes())
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*), max(applied) FROM django_migrations")
            count, latest = cursor.fetchone()
    except DatabaseError:
        connection.close()
        count, latest = 0, None
    return {"code": digest.hexdigest(), "applied": [count, str(latest)]}


def _memory() -> Path:
    return config().run_dir / "schema.json"


def _remembered() -> object:
    try:
        return json.loads(_memory().read_text())
    except (OSError, ValueError):
        return None


def _remember() -> None:
    _memory().write_text(json.dumps(_fingerprint()))


def _is_first_start_done() -> bool:
    from otklik.core import settings

    return bool(settings.get(FIRST_START))


def _note_first_start() -> None:
    from otklik.core import settings
    from otklik.core.access import SYSTEM

    settings.put(SYSTEM, FIRST_START, True)
