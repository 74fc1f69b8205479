"""The write doors of tickets."""

from otklik.tickets.actions.bulk import BulkReport, change_many
from otklik.tickets.actions.drafts import (
    add_upload,
    drop_draft,
    drop_old_uploads,
    drop_upload,
    mark_read,
    save_draft,
    take_uploads,
)
from otklik.tickets.actions.fields import assign_ticket, change_ticket, transfer_ticket
from otklik.tickets.actions.following import follow_ticket, unfollow_ticket
from otklik.tickets.actions.legal_hold import lift_ticket_hold, place_ticket_hold
from otklik.tickets.actions.linking import link_tickets, unlink_tickets
from otklik.tickets.actions.merging import merge_tickets
from otklik.tickets.actions.opening import Opened, open_ticket
from otklik.tickets.actions.participants import (
    add_participant,
    confirm_participant,
    invite_participant,
    remove_participant,
)
from otklik.tickets.actions.pinning import pin_message, unpin_message
from otklik.tickets.actions.queue import take_next
from otklik.tickets.actions.reminders import (
    change_reminder,
    drop_reminder,
    see_reminder,
    set_reminder,
)
from otklik.tickets.actions.snoozing import snooze_ticket, wake_ticket
from otklik.tickets.actions.spam import hide_message, mark_as_spam, unmark_spam
from otklik.tickets.actions.splitting import split_ticket
from otklik.tickets.actions.status import (
    change_status,
    close_ticket,
    hold_ticket,
    pend_ticket,
    reopen_ticket,
    solve_ticket,
)
from otklik.tickets.actions.tags import set_tags, tag_ticket, untag_ticket
from otklik.tickets.actions.trash import restore_ticket, trash_ticket
from otklik.tickets.actions.words import hash_external_id
from otklik.tickets.actions.writing import (
    add_note,
    receive_message,
    reply_to_ticket,
)

__all__ = [
    "BulkReport",
    "Opened",
    "add_note",
    "add_participant",
    "add_upload",
    "assign_ticket",
    "change_many",
    "change_reminder",
    "change_status",
    "change_ticket",
    "close_ticket",
    "confirm_participant",
    "drop_draft",
    "drop_old_uploads",
    "drop_reminder",
    "drop_upload",
    "follow_ticket",
    "hash_external_id",
    "hide_message",
    "hold_ticket",
    "invite_participant",
    "lift_ticket_hold",
    "link_tickets",
    "mark_as_spam",
    "mark_read",
    "merge_tickets",
    "open_ticket",
    "pend_ticket",
    "pin_message",
    "place_ticket_hold",
    "receive_message",
    "remove_participant",
    "reopen_ticket",
    "reply_to_ticket",
    "restore_ticket",
    "save_draft",
    "see_reminder",
    "set_reminder",
    "set_tags",
    "snooze_ticket",
    "solve_ticket",
    "split_ticket",
    "tag_ticket",
    "take_next",
    "take_uploads",
    "transfer_ticket",
    "trash_ticket",
    "unfollow_ticket",
    "unlink_tickets",
    "unmark_spam",
    "unpin_message",
    "untag_ticket",
    "wake_ticket",
]
