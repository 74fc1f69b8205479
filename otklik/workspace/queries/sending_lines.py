"""What happened around sending, as one line of the timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.events.models import EventRow


def _person(row: EventRow, names: Any) -> str:
    return names.persons.get(row.person_id or 0) or _("Somebody")


def _guest(row: EventRow, names: Any) -> str:
    return str(names.identities.get(row.data.get("identity_id", 0), ""))


def _status_kept(reason: str) -> str:
    if reason == "open_parts":
        return _("sent the reply of %(who)s; parts of this are open, so the status stayed")
    if reason == "open_items":
        return _("sent the reply of %(who)s; a checklist is not done, so the status stayed")
    if reason == "incomplete":
        return _("sent the reply of %(who)s; fields are to be filled in, so the status stayed")
    return _("sent the reply of %(who)s; its status may not follow this one any more, so it stayed")


LINES: dict[str, Callable[[EventRow, Any], tuple[str, str]]] = {
    "side.opened": lambda row, names: ("users", _("began to talk with a third party")),
    "reply.scheduled": lambda row, names: ("clock", _("put off a reply to be sent later")),
    "reply.cancelled": lambda row, names: ("undo-2", _("took a waiting reply back")),
    "reply.held": lambda row, names: (
        "circle-alert",
        _("held back the reply of %(who)s") % {"who": _person(row, names)},
    ),
    "reply.status_kept": lambda row, names: (
        "info",
        _status_kept(row.data.get("reason", "")) % {"who": _person(row, names)},
    ),
    "reply.submitted": lambda row, names: ("hourglass", _("gave a reply to the mentor")),
    "reply.approved": lambda row, names: (
        "check-check",
        (
            _("edited and approved the reply of %(who)s")
            if row.data.get("is_edited")
            else _("approved the reply of %(who)s")
        )
        % {"who": _person(row, names)},
    ),
    "reply.returned": lambda row, names: (
        "undo-2",
        _("returned the reply of %(who)s with a comment") % {"who": _person(row, names)},
    ),
    "draft.handed_over": lambda row, names: (
        "hand-helping",
        _("gave a draft to %(who)s") % {"who": _person(row, names)},
    ),
    "draft.taken": lambda row, names: (
        "hand-helping",
        _("goes on with the draft of %(who)s") % {"who": _person(row, names)},
    ),
    "draft.given_back": lambda row, names: (
        "hand-helping",
        _("gave the draft back to %(who)s") % {"who": _person(row, names)},
    ),
    "guest.invited": lambda row, names: (
        "user-plus",
        _("invited %(who)s to the notes") % {"who": _guest(row, names)},
    ),
    "guest.revoked": lambda row, names: (
        "user-x",
        _("ended the part of %(who)s in the notes") % {"who": _guest(row, names)},
    ),
}
