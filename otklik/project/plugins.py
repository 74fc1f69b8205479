"""Plug-ins are found, not listed: adding one edits nothing here.

Those that come with Otklik are the folders under ``otklik/plugins``; others are installed packages
that name a Django application under the entry point group ``otklik.plugins``.
"""

from __future__ import annotations

from importlib.metadata import entry_points
from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "plugins"
GROUP = "otklik.plugins"


def list_plugins() -> list[str]:
    """Dotted names of the plug-ins that are installed, in a fixed order."""
    own = {
        f"otklik.plugins.{folder.name}"
        for folder in _FOLDER.iterdir()
        if (folder / "apps.py").is_file()
    }
    return sorted(own) + sorted({found.value for found in entry_points(group=GROUP)} - own)
