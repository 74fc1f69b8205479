"""What a thread works in: language, time zone, addresses.

Django keeps each in an `asgiref.local.Local`, whose every look takes a lock that all threads of a
process share and six calls of Python. A page asks some three hundred times, and a thread that is
interrupted while it holds the lock makes the others wait for the interpreter twice.
"""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

_NOTHING = object()


class Current:
    """``value`` of this thread, in a coroutine of its context: a `Local` of one name.
    AttributeError where none was given, as there. What copies a context into another thread
    (`asyncio.to_thread`, `call_soon_threadsafe`) takes it along, which a `Local` does not."""

    __slots__ = ("_held",)

    def __init__(self, before: Any = None) -> None:
        """``before``: what it stands for; this thread keeps what it says."""
        self._held: ContextVar[Any] = ContextVar("value", default=_NOTHING)
        if (said := getattr(before, "value", _NOTHING)) is not _NOTHING:
            self._held.set(said)

    @property
    def value(self) -> Any:
        if (said := self._held.get()) is _NOTHING:
            raise AttributeError("value")
        return said

    @value.setter
    def value(self, said: Any) -> None:
        self._held.set(said)

    @value.deleter
    def value(self) -> None:
        self._held.set(_NOTHING)


def keep_without_a_lock() -> None:
    """Once, before there are threads."""
    from django.urls import base
    from django.utils import timezone
    from django.utils.translation import trans_real

    held: tuple[tuple[Any, str], ...] = (
        (trans_real, "_active"),
        (timezone, "_active"),
        (base, "_urlconfs"),
        (base, "_prefixes"),
    )
    for module, name in held:
        # KeyError: Django has another place for it, and whoever raised its version looks again.
        setattr(module, name, Current(vars(module)[name]))
