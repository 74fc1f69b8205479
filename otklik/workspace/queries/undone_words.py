"""What taking an act back did, told to whoever did that."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.operations.models import Change, Operation
from otklik.tickets.models import Ticket

_NAMED = 5


def undone_words(operation: Operation) -> str:
    """By the numbers that the operation keeps; "Undone" where there is no more to say."""
    kept = operation.summary
    if operation.name == "tickets.split" and {"source", "ticket"} <= kept.keys():
        words = _("The split is undone: № %(number)d is a part of № %(source)d again")
        return words % {"number": kept["ticket"], "source": kept["source"]}
    if operation.name == "tickets.merge" and kept.get("sources"):
        return ngettext(
            "The merge is undone: %(numbers)s stands for itself again",
            "The merge is undone: %(numbers)s stand for themselves again",
            len(kept["sources"]),
        ) % {"numbers": _named(kept["sources"])}
    return _("Undone")


def is_split_undone(ticket_id: int) -> bool:
    """Whether a ticket is part of another because the split that made it was taken back."""
    made = Change.objects.filter(
        model=Ticket._meta.label, object_id=ticket_id, field__startswith="split:"
    )
    return made.filter(operation__undone_at__isnull=False).exists()


def _named(numbers: Sequence[int]) -> str:
    named = ", ".join(f"№\N{NO-BREAK SPACE}{number}" for number in numbers[:_NAMED])
    return f"{named}…" if len(numbers) > _NAMED else named
