"""How long one transaction may keep other writers waiting."""

from __future__ import annotations

import time

from django.db import connection

AIM = 0.012  # seconds after which nothing more is begun, so that it ends within 20 ms


class Hold:
    """Begun inside ``write()``; work of many rows asks before each one whether it has time.

    Where writers do not wait for each other (PostgreSQL) there is always time: how many rows go
    into one transaction is the caller's to say.
    """

    def __init__(self, aim: float = AIM) -> None:
        self._until = time.monotonic() + aim
        self._begun = time.monotonic()
        self._longest = 0.0
        self._is_shared = connection.vendor == "sqlite"

    def has_time(self) -> bool:
        """Whether another row, as long as the longest so far, would end in time."""
        now = time.monotonic()
        self._longest = max(self._longest, now - self._begun)
        self._begun = now
        return not self._is_shared or now + self._longest / 2 < self._until
