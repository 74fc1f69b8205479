"""The doors of this room: compositions of the ticket room's own, and canned replies."""

from otklik.workspace.actions.canned import (
    change_canned_reply,
    create_canned_reply,
    may_change_canned,
    remove_canned_reply,
    restore_canned_reply,
)
from otklik.workspace.actions.macros import (
    change_macro,
    create_macro,
    remove_macro,
    restore_macro,
    run_macro,
    run_macro_on_few,
    run_macro_on_many,
)
from otklik.workspace.actions.offering import may_change_offered
from otklik.workspace.actions.replying import send_reply
from otklik.workspace.actions.starting import CHANNELS, start_ticket
from otklik.workspace.actions.views import (
    change_view,
    copy_view,
    create_view,
    hide_view,
    may_change_view,
    order_views,
    remove_view,
)

__all__ = [
    "CHANNELS",
    "change_canned_reply",
    "change_macro",
    "change_view",
    "copy_view",
    "create_canned_reply",
    "create_macro",
    "create_view",
    "hide_view",
    "may_change_canned",
    "may_change_offered",
    "may_change_view",
    "order_views",
    "remove_canned_reply",
    "remove_macro",
    "remove_view",
    "restore_canned_reply",
    "restore_macro",
    "run_macro",
    "run_macro_on_few",
    "run_macro_on_many",
    "send_reply",
    "start_ticket",
]
