"""The floors of the house as ``pyproject.toml`` states them, for checks import-linter cannot do."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "otklik"
# Folders whose parts are rooms of their own.
_SPLIT = {"core", "plugins"}


@dataclass(frozen=True)
class Place:
    """Where a room stands: floor and, inside core, its order; 0 is the top."""

    floor: int
    order: int


def room_of(module: str) -> str:
    """``otklik.core.jobs.models`` → ``core.jobs``; ``django.forms`` → ``""``."""
    parts = module.split(".")
    if parts[0] != "otklik" or len(parts) < 2:
        return ""
    return ".".join(parts[1 : 3 if parts[1] in _SPLIT else 2])


def may_know(room: str, other: str) -> bool:
    """Whether code of ``room`` may refer to ``other``: only what stands lower, and itself."""
    if room == other:
        return True
    mine, theirs = _place(room), _place(other)
    if mine.floor == theirs.floor:
        return mine.order < theirs.order
    return mine.floor < theirs.floor


def list_rooms() -> dict[str, Path]:
    """Every room with its folder."""
    rooms: dict[str, Path] = {}
    for folder in sorted(PACKAGE.iterdir()):
        if folder.name in _SPLIT:
            rooms |= {f"{folder.name}.{each.name}": each for each in _packages(folder)}
        elif (folder / "__init__.py").exists():
            rooms[folder.name] = folder
    return rooms


def _packages(folder: Path) -> list[Path]:
    return sorted(each for each in folder.iterdir() if (each / "__init__.py").exists())


def _place(room: str) -> Place:
    floors, core = _lists()
    top, _, below = room.partition(".")
    floor = next(n for n, names in enumerate(floors) if top in names)
    # Rooms of one floor other than core's never meet: the same order means neither is below.
    order = next(n for n, names in enumerate(core) if below in names) if top == "core" else 0
    return Place(floor, order)


@lru_cache
def _lists() -> tuple[list[list[str]], list[list[str]]]:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())
    layers = [
        [[name.strip() for name in layer.split("|")] for layer in contract["layers"]]
        for contract in contracts["tool"]["importlinter"]["contracts"]
        if contract["type"] == "layers"
    ]
    return layers[0], layers[1]
