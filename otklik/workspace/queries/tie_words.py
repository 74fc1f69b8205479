"""Timeline lines of merges, splits and links: what happened, to which ticket, and the way back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.access import Actor
from otklik.core.events.models import EventRow
from otklik.core.operations.actions import may_undo
from otklik.core.operations.models import Operation
from otklik.tickets.models import Ticket

_OTHER = ("target_id", "source_id", "other_id")
# Where the line stands, the whole operation can be taken back.
_UNDONE_HERE = frozenset({"ticket.absorbed", "ticket.split_off", "ticket.messages_moved"})


def find_tied(rows: Iterable[EventRow]) -> dict[int, int]:
    """Numbers of the tickets on the other side, by id."""
    ids = {pk for row in rows if (pk := _other(row)) is not None}
    return dict(Ticket.objects.filter(pk__in=ids).values_list("pk", "number"))


def find_reversible(actor: Actor | None, rows: Iterable[EventRow]) -> frozenset[int]:
    """Operations of these rows that stand and that this one may undo."""
    ids = {row.operation_id for row in rows if row.name in _UNDONE_HERE and row.operation_id}
    if actor is None or not ids:
        return frozenset()
    standing = Operation.objects.filter(
        pk__in=ids, undone_at__isnull=True, name__in=("tickets.merge", "tickets.split")
    )
    return frozenset(row.pk for row in standing if may_undo(actor, row))


def tie_of(
    row: EventRow, numbers: Mapping[int, int], reversible: frozenset[int]
) -> tuple[str, str, str]:
    """Address and words of the other ticket, and where it is undone; "" for what has none."""
    if row.name not in TIES:
        return "", "", ""
    undo = ""
    if row.name in _UNDONE_HERE and row.operation_id in reversible:
        undo = reverse("workspace:undo", args=[row.operation_id])
    number = numbers.get(_other(row) or 0)
    if number is None:
        return "", "", undo
    return reverse("workspace:ticket", args=[number]), f"№\N{NO-BREAK SPACE}{number}", undo


def _other(row: EventRow) -> int | None:
    return next((row.data[name] for name in _OTHER if row.data.get(name)), None)


def _moved(row: EventRow, _names: Any) -> tuple[str, str]:
    count = int(row.data.get("messages") or 0)
    if row.data.get("is_back"):
        words = ngettext(
            "brought %(count)d message back from", "brought %(count)d messages back from", count
        )
        return "undo-2", words % {"count": count}
    words = ngettext("moved %(count)d message to", "moved %(count)d messages to", count)
    return "split", words % {"count": count}


def _linked(row: EventRow, _names: Any) -> tuple[str, str]:
    """``kind`` is what this ticket is to the other one."""
    words = {
        "related": _("linked this with"),
        "duplicate": _("called this a duplicate of"),
        "original": _("called this the original of"),
        "child": _("made this a part of"),
        "parent": _("made a part of this:"),
    }
    return "link", words.get(row.data.get("kind", ""), _("linked this with"))


def _kept(row: EventRow, _names: Any) -> tuple[str, str]:
    if row.data.get("reason") == "open_parts":
        return "info", _("did not solve this with its original, as parts of it are open:")
    return "info", _("did not solve this with its original, as its checklist is not done:")


TIES: dict[str, Callable[[EventRow, Any], tuple[str, str]]] = {
    "ticket.merged": lambda row, names: ("merge", _("merged this into")),
    "ticket.absorbed": lambda row, names: ("merge", _("merged into this:")),
    "ticket.unmerged": lambda row, names: ("undo-2", _("took this out again of")),
    "ticket.released": lambda row, names: ("undo-2", _("undid the merge of")),
    "ticket.split_off": lambda row, names: ("split", _("split this off from")),
    "ticket.messages_moved": _moved,
    "ticket.linked": _linked,
    "ticket.duplicate_kept": _kept,
    "ticket.unlinked": lambda row, names: ("unlink", _("took away the link with")),
}
