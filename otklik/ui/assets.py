"""What the front-end build left in ``otklik/ui/dist``: hashed file names and icon drawings.

Both files are read again when they change, so a rebuild is seen without a restart. Without a build
(a Python-only checkout) pages still render: unhashed names, empty icons, one line in the log.
"""

from __future__ import annotations

import json
import logging
import time
from functools import lru_cache
from pathlib import Path

from django.templatetags.static import static

logger = logging.getLogger(__name__)

DIST = Path(__file__).parent / "dist"
_ICONS = DIST / "icons.json"  # a page asks for it forty times


class UnknownAsset(LookupError):
    """A template names a file or an icon that the build does not know."""


def asset_url(name: str) -> str:
    """The address of a built file by its logical name (``agent.js``).

    Raises ``UnknownAsset`` when a build exists and does not hold the name.
    """
    manifest = _read(DIST / "manifest.json")
    if not manifest:
        return static(name)
    try:
        return static(manifest[name])
    except KeyError:
        raise UnknownAsset(f"No built file is called {name!r}") from None


def asset_text(name: str) -> str:
    """The contents of a built file, "" without a build. Raises ``UnknownAsset``."""
    manifest = _read(DIST / "manifest.json")
    if not manifest:
        return ""
    try:
        return (DIST / manifest[name]).read_text(encoding="utf-8")
    except (KeyError, OSError):
        raise UnknownAsset(f"No built file is called {name!r}") from None


def icon_drawing(name: str) -> str:
    """The SVG elements of one icon, on a 24 by 24 grid. Raises ``UnknownAsset``."""
    drawings = _read(_ICONS)
    if not drawings:
        return ""
    try:
        return drawings[name]
    except KeyError:
        raise UnknownAsset(f"No icon is called {name!r}") from None


def _read(path: Path) -> dict[str, str]:
    # A page draws a hundred icons; once in a second is often enough to look for a rebuild.
    now = time.monotonic()
    looked_at, known = _known.get(path, (-1.0, {}))
    if now - looked_at < 1.0:
        return known
    try:
        changed = path.stat().st_mtime_ns
    except FileNotFoundError:
        changed = 0
    known = _parse(path, changed)
    _known[path] = (now, known)
    return known


_known: dict[Path, tuple[float, dict[str, str]]] = {}


@lru_cache(maxsize=4)
def _parse(path: Path, changed: int) -> dict[str, str]:
    if not changed:
        logger.warning("front_end_not_built", extra={"missing": path.name})
        return {}
    loaded: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return loaded
