"""Plug-ins are found by folder: adding one edits nothing here."""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).resolve().parent.parent / "plugins"


def list_plugins() -> list[str]:
    """Dotted names of the plug-ins that are installed, in a fixed order."""
    return sorted(
        f"otklik.plugins.{folder.name}"
        for folder in _FOLDER.iterdir()
        if (folder / "apps.py").is_file()
    )
