"""The write doors of this room, beside `channels.quarantine`."""

from otklik.channels.actions.blocking import block_sender, is_blocked_sender, unblock_sender
from otklik.channels.actions.routes import find_team_of, route_account

__all__ = [
    "block_sender",
    "find_team_of",
    "is_blocked_sender",
    "route_account",
    "unblock_sender",
]
