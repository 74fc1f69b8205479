"""The doors of this room: compositions of the ticket room's own, and canned replies."""

from otklik.workspace.actions.canned import (
    change_canned_reply,
    create_canned_reply,
    may_change_canned,
    remove_canned_reply,
    restore_canned_reply,
)
from otklik.workspace.actions.replying import send_reply
from otklik.workspace.actions.starting import CHANNELS, start_ticket

__all__ = [
    "CHANNELS",
    "change_canned_reply",
    "create_canned_reply",
    "may_change_canned",
    "remove_canned_reply",
    "restore_canned_reply",
    "send_reply",
    "start_ticket",
]
