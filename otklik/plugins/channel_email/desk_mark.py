"""By what this desk knows its own mail: the value of ``X-Otklik-Desk``."""

from __future__ import annotations

from otklik.core.settings import secrets

_PURPOSE = "email desk mark"


def desk_mark() -> str:
    """What we write now: tells desks apart and says nothing else."""
    return secrets.derive(_PURPOSE).hex()[:24]


def desk_marks() -> frozenset[str]:
    """What we may have written, also before a key was rotated."""
    return frozenset(key.hex()[:24] for key in secrets.derive_all(_PURPOSE).values())
