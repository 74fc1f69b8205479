"""Memory that nobody uses any more."""

from __future__ import annotations

import ctypes
from contextlib import suppress


def give_back() -> None:
    """Free pages of the heap go back to the system: under a millisecond. Only glibc can."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
