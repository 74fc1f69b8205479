"""Subjects of old tickets, as texts are compared: filled in while the desk runs."""

from __future__ import annotations

from otklik.core.db import write
from otklik.kit.text import sort_key
from otklik.tickets.models import Ticket

_STEP = 50
LENGTH = 300


def fold_subjects() -> bool:
    """A few more; whether any are left. What somebody changed meanwhile has its own by then."""
    rows = list(
        Ticket.objects.filter(subject_key__isnull=True)
        .order_by("-id")
        .values_list("pk", "subject")[:_STEP]
    )
    with write():
        for pk, subject in rows:
            found = Ticket.objects.filter(pk=pk, subject=subject, subject_key__isnull=True)
            found.update(subject_key=sort_key(subject, LENGTH))
    return bool(rows)
