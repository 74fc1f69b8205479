"""Questions to the DNS for one letter: within one span of time, remembered, never in the way.

A resolver that is away must not cost every letter its whole span: after a few questions in a row
without an answer none is asked for a while, and every check says "temperror".
"""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

from otklik.core.settings import config
from otklik.kit.dns import DnsFailure, find_records

SECONDS = 3.0  # for all questions about one letter
EACH = 1.5
_FRESH = 300.0
_MOST = 5000
_AWAY_AFTER, _AWAY_FOR = 4, 30.0

_lock = threading.Lock()
_answers: OrderedDict[tuple[str, str], tuple[float, list[Any]]] = OrderedDict()
_missed = 0
_away_until = 0.0


class NoAnswer(Exception):
    """Nobody answered in time: try another day."""


class Lookups:
    """What may be asked about one letter. Thread-safe answers, one owner."""

    def __init__(self, *, seconds: float = SECONDS, servers: Sequence[str] | None = None) -> None:
        self._until = time.monotonic() + seconds
        self._servers = tuple(config().dns_servers if servers is None else servers)

    def ask(self, name: str, kind: str) -> list[Any]:
        """Records in dnspython's form; [] when there are none. Raises NoAnswer."""
        key = (name.lower().rstrip("."), kind)
        known = _known(key)
        if known is not None:
            return known
        left = self._until - time.monotonic()
        if left <= 0 or time.monotonic() < _away_until:
            raise NoAnswer(name)
        try:
            found = find_records(*key, servers=self._servers, seconds=min(left, EACH))
        except DnsFailure as failure:
            _note(is_answered=False)
            raise NoAnswer(str(failure)) from failure
        _note(is_answered=True)
        _remember(key, found)
        return found

    def find_txt(self, name: str) -> list[str]:
        return [b"".join(row.strings).decode("utf-8", "replace") for row in self.ask(name, "TXT")]


def forget_answers() -> None:
    """Ask everything anew."""
    global _missed, _away_until
    with _lock:
        _answers.clear()
        _missed, _away_until = 0, 0.0


def _known(key: tuple[str, str]) -> list[Any] | None:
    with _lock:
        at, found = _answers.get(key, (-1e9, []))
        return found if time.monotonic() - at < _FRESH else None


def _remember(key: tuple[str, str], found: list[Any]) -> None:
    with _lock:
        _answers[key] = (time.monotonic(), found)
        _answers.move_to_end(key)
        while len(_answers) > _MOST:
            _answers.popitem(last=False)


def _note(*, is_answered: bool) -> None:
    global _missed, _away_until
    with _lock:
        _missed = 0 if is_answered else _missed + 1
        if _missed >= _AWAY_AFTER:
            _missed, _away_until = 0, time.monotonic() + _AWAY_FOR
