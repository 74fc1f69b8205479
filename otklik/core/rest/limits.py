"""How much one token may ask: a fixed window in the shared cache, told in headers.

The headers are those of draft-ietf-httpapi-ratelimit-headers (RateLimit-*), with Retry-After.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.core.cache import cache

WINDOW = 60  # seconds
READS = 1200
WRITES = 600
STRANGERS = 60  # requests without a valid token, by address


@dataclass(frozen=True, slots=True)
class Allowance:
    limit: int
    remaining: int
    reset: int  # seconds until the window ends

    @property
    def is_spent(self) -> bool:
        return self.remaining < 0


def spend(who: str, limit: int) -> Allowance:
    """Count one request. Across processes only where the cache is shared (Redis)."""
    now = int(time.time())
    window = now // WINDOW
    key = f"rest:{who}:{window}"
    cache.add(key, 0, timeout=WINDOW * 2)
    try:
        used = cache.incr(key)
    except ValueError:
        # Evicted between add and incr: a full cache must not refuse anybody.
        used = 1
    return Allowance(limit, limit - used, (window + 1) * WINDOW - now)
