"""How often somebody may try. Counted in the cache: cheap, and gone when the trouble is."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass

import structlog
from django.core.cache import cache
from django.utils.translation import ngettext

from otklik.core.access import ActionError

logger = structlog.get_logger(__name__)


class TooManyTries(ActionError):
    """Wait ``retry_after`` seconds."""

    code = "too_many_tries"
    status = 429

    def __init__(self, retry_after: int) -> None:
        self.retry_after = retry_after
        minutes = max(1, -(-retry_after // 60))
        super().__init__(
            ngettext(
                "Too many attempts. Try again in %(count)d minute.",
                "Too many attempts. Try again in %(count)d minutes.",
                minutes,
            )
            % {"count": minutes}
        )


@dataclass(frozen=True, slots=True)
class Limit:
    """At most ``count`` per ``period`` seconds, in fixed windows."""

    name: str
    count: int
    period: int


# A person mistypes a few times; a machine that guesses tries thousands.
FAILURES_OF_ADDRESS_FROM_PLACE = Limit("failures", 8, 15 * 60)
FAILURES_OF_ADDRESS = Limit("failures-address", 100, 3600)
FAILURES_FROM_PLACE = Limit("failures-place", 60, 15 * 60)
LETTERS_TO_ADDRESS = Limit("letters-address", 5, 3600)
LETTERS_FROM_PLACE = Limit("letters-place", 30, 3600)
LINKS_FROM_PLACE = Limit("links-place", 60, 15 * 60)


def demand_room(limit: Limit, *parts: str) -> None:
    """Raise TooManyTries when the limit is used up; counts nothing."""
    key, left = _key(limit, parts)
    if cache.get(key, 0) >= limit.count:
        logger.warning("too_many_tries", limit=limit.name)
        raise TooManyTries(left)


def count_try(limit: Limit, *parts: str) -> None:
    key, _left = _key(limit, parts)
    if not cache.add(key, 1, limit.period):
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two calls
            cache.add(key, 1, limit.period)


def take(limit: Limit, *parts: str) -> None:
    """Count one more; raises TooManyTries when there was no room."""
    demand_room(limit, *parts)
    count_try(limit, *parts)


def forget_tries(limit: Limit, *parts: str) -> None:
    cache.delete(_key(limit, parts)[0])


def _key(limit: Limit, parts: tuple[str, ...]) -> tuple[str, int]:
    """Cache key and seconds until the window ends. Addresses go in as a hash only."""
    now = int(time.time())
    window, passed = divmod(now, limit.period)
    digest = hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]
    return f"people:{limit.name}:{window}:{digest}", limit.period - passed
