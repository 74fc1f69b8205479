"""Which status may follow which. A status without steps of its own may be followed by any."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor, ActorKind, Invalid
from otklik.core.db.briefly import briefly
from otklik.tickets.models import Status, StatusStep

# People and programs keep to the steps. The desk's own clock, a customer's answer and an undo do
# not: a letter must never be refused for the sake of an order of work.
_BOUND = (ActorKind.AGENT, ActorKind.TOKEN)


def is_bound(actor: Actor) -> bool:
    return actor.kind in _BOUND


def is_step_allowed(old_id: int, new_id: int) -> bool:
    allowed = _steps().get(old_id)
    return old_id == new_id or allowed is None or new_id in allowed


def list_next(status_id: int) -> list[Status]:
    """The statuses in use that may follow this one, itself among them, in their order."""
    return [row for row in list_statuses() if is_step_allowed(status_id, row.pk)]


def require_step(actor: Actor, old: Status, new: Status) -> None:
    """Raises Invalid with the statuses that may follow."""
    if not is_bound(actor) or is_step_allowed(old.pk, new.pk):
        return
    language = (actor.language or get_language() or "").partition("-")[0]
    names = [row.label(language) for row in list_next(old.pk) if row.pk != old.pk]
    raise Invalid(
        _("From “%(old)s” a ticket goes on to: %(names)s.")
        % {"old": old.label(language), "names": ", ".join(names)},
        fields={"status": new.code},
    )


def find_dead_ends(statuses: Iterable[Status]) -> list[Status]:
    """Those from which no chain of steps leads to a solved or closed status."""
    rows = list(statuses)
    finished = {row.pk for row in rows if row.is_finished}
    reached = set(finished)
    while True:
        more = {
            row.pk
            for row in rows
            if row.pk not in reached and any(is_step_allowed(row.pk, pk) for pk in reached)
        }
        if not more:
            return [row for row in rows if row.pk not in reached]
        reached |= more


@briefly
def list_statuses() -> list[Status]:
    """Those in use, in their order."""
    return list(Status.objects.filter(is_active=True))


def find_own(code: str) -> Status | None:
    """By the code of one in use; None for a kind."""
    return next((row for row in list_statuses() if row.code == code), None)


@briefly
def _steps() -> dict[int, frozenset[int]]:
    found: dict[int, set[int]] = {}
    for old, new in StatusStep.objects.values_list("status_id", "next_id"):
        found.setdefault(old, set()).add(new)
    return {old: frozenset(new) for old, new in found.items()}
