"""Configuration that every message asks for and nobody changes by the second."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from otklik.core.db.write import after_commit

P = ParamSpec("P")
R = TypeVar("R")

SECONDS = 2.0
_MOST = 1000
_known: dict[tuple[Any, ...], tuple[float, Any]] = {}


def briefly(function: Callable[P, R]) -> Callable[P, R]:
    """Believe an answer for two seconds. Arguments must be hashable.

    What this process changes it forgets at once, with any event that is about no ticket (but for
    those declared not to matter: a new customer); other processes see the change within the two
    seconds. Only for rows that are configuration, never for rights.
    """

    @wraps(function)
    def ask(*args: P.args, **kwargs: P.kwargs) -> R:
        key = (function, args, tuple(sorted(kwargs.items())))
        now = time.monotonic()
        found = _known.get(key)
        if found is not None and found[0] > now:
            answer: R = found[1]
            return answer
        answer = function(*args, **kwargs)
        if len(_known) >= _MOST:
            _known.clear()
        _known[key] = (now + SECONDS, answer)
        return answer

    return ask


def forget_after_commit() -> None:
    """Inside a transaction that changes such configuration."""
    forget()
    after_commit(forget)


def forget() -> None:
    _known.clear()
