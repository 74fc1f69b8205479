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
from otklik.workspace.actions.scripts import (
    answer_run,
    begin_run,
    change_script,
    create_script,
    drop_run,
    finish_run,
    remove_script,
    restore_script,
    step_back,
)
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
    "answer_run",
    "begin_run",
    "change_canned_reply",
    "change_macro",
    "change_script",
    "change_view",
    "copy_view",
    "create_canned_reply",
    "create_macro",
    "create_script",
    "create_view",
    "drop_run",
    "finish_run",
    "hide_view",
    "may_change_canned",
    "may_change_offered",
    "may_change_view",
    "order_views",
    "remove_canned_reply",
    "remove_macro",
    "remove_script",
    "remove_view",
    "restore_canned_reply",
    "restore_macro",
    "restore_script",
    "run_macro",
    "run_macro_on_few",
    "run_macro_on_many",
    "send_reply",
    "step_back",
]
