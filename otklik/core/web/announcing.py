"""What a running part of the desk tells the others: files in the run folder, gone with a start."""

from __future__ import annotations

import json
import os
import threading

from otklik.core.settings import config


def announce(name: str, value: str) -> None:
    """Tell the supervisor and other processes something found out at run time.

    The mail listener says ``announce("mail", "127.0.0.1:2526")`` once it listens.
    """
    folder = config().run_dir / "announced"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = folder / f".{name}.{os.getpid()}.{threading.get_ident()}"
    fresh.write_text(json.dumps({"value": value, "pid": os.getpid()}))
    fresh.replace(folder / name)


def find_announced(name: str) -> str | None:
    """What a process that still runs has announced under this name."""
    try:
        said = json.loads((config().run_dir / "announced" / name).read_text())
        os.kill(int(said["pid"]), 0)
        return str(said["value"])
    except PermissionError:  # it runs, as somebody else
        return str(said["value"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_announced() -> None:
    """Before a start: what an earlier run announced no longer counts."""
    folder = config().run_dir / "announced"
    for each in folder.glob("*") if folder.is_dir() else ():
        each.unlink(missing_ok=True)
