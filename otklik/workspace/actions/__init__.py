"""The doors of this room: compositions of the ticket room's own."""

from otklik.workspace.actions.replying import send_reply
from otklik.workspace.actions.starting import CHANNELS, start_ticket

__all__ = ["CHANNELS", "send_reply", "start_ticket"]
