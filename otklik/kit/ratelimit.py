"""Token-bucket arithmetic. Where the bucket is kept (row, cache, Redis) is the caller's choice."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rate:
    """``limit`` requests per ``period`` seconds; the whole limit may be used in one burst."""

    limit: int
    period: float

    def __post_init__(self) -> None:
        if self.limit < 1 or self.period <= 0:
            raise ValueError("a rate needs a positive limit and period")


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of a rate: ``tokens`` at the time ``at`` (seconds of any steady clock)."""

    tokens: float
    at: float


@dataclass(frozen=True, slots=True)
class Verdict:
    """``remaining`` whole tokens; ``retry_after`` and ``resets_in`` in seconds."""

    is_allowed: bool
    bucket: Bucket
    remaining: int
    retry_after: float
    resets_in: float


def take(rate: Rate, bucket: Bucket | None, now: float, cost: int = 1) -> Verdict:
    """Take ``cost`` tokens at ``now``. No bucket yet means a full one; a refusal costs nothing."""
    per_second = rate.limit / rate.period
    tokens = float(rate.limit)
    if bucket is not None:
        # A clock that was set back must not drain the bucket.
        passed = max(0.0, now - bucket.at)
        tokens = min(tokens, bucket.tokens + passed * per_second)
    # What was refilled in many small steps may miss a whole token by a rounding error.
    is_allowed = tokens + 1e-9 >= cost
    left = max(0.0, tokens - cost) if is_allowed else tokens
    return Verdict(
        is_allowed=is_allowed,
        bucket=Bucket(left, now),
        remaining=int(left + 1e-9),
        retry_after=0.0 if is_allowed else (cost - tokens) / per_second,
        resets_in=(rate.limit - left) / per_second,
    )
