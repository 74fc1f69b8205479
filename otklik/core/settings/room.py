"""Whether the disk has room to spare: what is large is turned away before nothing works any more.

The database, its log and the answers of agents need the rest. Needs no Django.
"""

from __future__ import annotations

import os
from pathlib import Path

from otklik.core.settings.config import config


def has_room(coming: int = 0) -> bool:
    """Whether ``coming`` more bytes leave ``keep_free`` free in the home folder; true when the
    file system cannot say."""
    settings = config()
    return free_space(settings.home) - coming >= settings.keep_free


def free_space(folder: Path) -> int:
    """Bytes this user may still write there. Where nobody can tell, a great many."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return 1 << 62
    return found.f_bavail * found.f_frsize
