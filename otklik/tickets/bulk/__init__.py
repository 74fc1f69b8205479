"""Acts on many tickets, in the background: begun, carried on a few rows at a time, reported."""

from otklik.tickets.bulk.beginning import (
    MOST,
    begin_bulk,
    begin_undo,
    cancel_bulk,
    find_act_of,
    get_bulk,
)

__all__ = ["MOST", "begin_bulk", "begin_undo", "cancel_bulk", "find_act_of", "get_bulk"]
