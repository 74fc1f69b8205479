"""The write doors of this room, beside `channels.quarantine`."""

from otklik.channels.actions.routes import find_team_of, route_account

__all__ = ["find_team_of", "route_account"]
