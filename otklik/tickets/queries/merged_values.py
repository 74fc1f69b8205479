"""What tickets merged into this one say in fields where it says something else itself."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from otklik.core.db.spelling import spelt_once
from otklik.core.fields.kinds import read_names, words_of
from otklik.core.fields.models import Field
from otklik.core.fields.queries import values_of
from otklik.tickets.models import Ticket

MOST = 20


@dataclass(frozen=True, slots=True)
class MergedValue:
    number: int  # of the ticket that said it
    value: Any
    words: str


def list_merged_values(ticket: Ticket, fields: Sequence[Field]) -> dict[str, list[MergedValue]]:
    """By key, of these fields alone; one query, and one more where people or organisations are
    pointed at. Empty where there are no fields."""
    if not fields or ticket.pk is None:
        return {}
    mine = values_of(ticket)
    found = [
        (field, row.number, theirs[field.key])
        for row in _merged(ticket.pk)
        for theirs in (values_of(row),)
        for field in fields
        if theirs.get(field.key) is not None and theirs[field.key] != mine.get(field.key)
    ]
    names = read_names((field, value) for field, _number, value in found)
    told: dict[str, list[MergedValue]] = {}
    for field, number, value in found:
        row = MergedValue(number, value, words_of(field, value, names))
        told.setdefault(field.key, []).append(row)
    return told


@spelt_once
def _merged(ticket_id: int) -> Iterable[Ticket]:
    rows = Ticket.objects.filter(merged_into=ticket_id, custom__isnull=False)
    return rows.only("number", "custom").order_by("pk")[:MOST]
