"""What every action here begins with: the row held, the right checked, the version compared."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Conflict, Forbidden, Missing
from otklik.core.db.briefly import briefly
from otklik.core.db.spelling import spelt_once
from otklik.tickets.models import NumberSequence, Status, StatusKind, Ticket
from otklik.tickets.querysets import sees_all

_NEXT_NUMBER = f"""
INSERT INTO {NumberSequence._meta.db_table} (name, last) VALUES ('ticket', 1)
ON CONFLICT (name) DO UPDATE SET last = {NumberSequence._meta.db_table}.last + 1
RETURNING last
"""  # noqa: S608


def lock_ticket(actor: Actor, ticket: Ticket | int) -> Ticket:
    """The ticket's row, held until the transaction ends. Raises Missing when it is not to be seen.

    Actions of the desk itself and of customers on their own tickets come here too. One that was
    merged is worked where it went: raises Merged, except for the desk itself.
    """
    pk = ticket if isinstance(ticket, int) else ticket.pk
    if sees_all(actor):
        rows: Iterable[Ticket] = _of_all(pk)
    else:
        rows = _held(Ticket.objects.visible_to(actor), pk)
    found = next(iter(rows), None)
    if found is None:
        raise Missing(_("There is no such ticket, or it is not yours to see."))
    if found.merged_into_id is not None and actor.kind is not ActorKind.SYSTEM:
        raise Merged(actor, found)
    return found


@spelt_once
def _of_all(pk: int) -> QuerySet[Ticket]:
    return _held(Ticket.objects.all(), pk)


def _held(rows: QuerySet[Ticket], pk: int) -> QuerySet[Ticket]:
    held = rows.select_for_update(of=("self",))
    return held.select_related("status", "brand", "requester").filter(pk=pk)


class Merged(Conflict):
    """The ticket is part of another one now; ``fields`` says which."""

    code = "merged"

    def __init__(self, actor: Actor, ticket: Ticket) -> None:
        assert ticket.merged_into is not None
        if not actor.is_staff:
            super().__init__(
                _("We work on this together with another request. Write here, and we will see it.")
            )
            return
        target = ticket.merged_into.number
        words = _("№ %(number)d was merged into № %(target)d. Work goes on there.")
        super().__init__(
            words % {"number": ticket.number, "target": target}, fields={"merged_into": target}
        )


def require(actor: Actor, permission: str) -> None:
    if not actor.can(permission):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))


def require_version(ticket: Ticket, expected: int | None) -> None:
    """Raises Conflict when the ticket is not as it was when the other side read it."""
    if expected is not None and ticket.version != expected:
        raise Conflict(
            _("Somebody changed this ticket in the meantime."),
            fields={"version": ticket.version},
        )


def require_unchanged(ticket: Ticket, was: dict[str, Any]) -> None:
    """Raises Conflict with the present values of fields that are not what the person saw."""
    theirs = {
        name: getattr(ticket, name) for name, value in was.items() if getattr(ticket, name) != value
    }
    if theirs:
        raise Conflict(_("Somebody changed the same field in the meantime."), fields=theirs)


def next_number() -> int:
    """A new ticket number. Unique under concurrency: the row is held until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER)
        number: int = cursor.fetchone()[0]
    return number


@briefly
def default_status(kind: str) -> Status:
    """The status taken when only its kind is said. Raises LookupError when none is set."""
    found = (
        Status.objects.filter(kind=kind, is_active=True).order_by("-is_default", "position").first()
    )
    if found is None:
        raise LookupError(f"no status of kind {kind!r}")
    return found


def find_status(value: str) -> Status | str:
    """What a form or program names: a kind of status, or a status by id or code; "" for neither."""
    if value in StatusKind.values:
        return value
    if value.isascii() and value.isdecimal() and len(value) < 19:
        return Status.objects.filter(pk=int(value), is_active=True).first() or ""
    if value.startswith("own-"):
        return Status.objects.filter(code=value, is_active=True).first() or ""
    return ""


def ensure_statuses() -> None:
    """The built-in statuses, one per kind; called after migrations."""
    for position, kind in enumerate(StatusKind.values):
        Status.objects.get_or_create(
            code=kind, defaults={"kind": kind, "position": position * 10, "is_default": True}
        )
