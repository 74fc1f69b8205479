"""What leaves the desk: delivery rows, their attempts and what became of them."""

from otklik.core.outbox.carriers import (
    LeaseLost,
    PermanentFailure,
    TemporaryFailure,
    UncertainOutcome,
    enqueue,
    register_carrier,
)

__all__ = [
    "LeaseLost",
    "PermanentFailure",
    "TemporaryFailure",
    "UncertainOutcome",
    "enqueue",
    "register_carrier",
]
