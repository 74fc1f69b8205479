"""Which tickets an act is for: by number, or all that a list shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Invalid, Missing
from otklik.tickets.bulk.beginning import MOST
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters, get_page, read_filters

_PAGE = 200
_ASKED = 500


def ids_of_numbers(actor: Actor, numbers: Sequence[int]) -> list[int]:
    """In that order. Raises Missing naming those one may not see."""
    known: dict[int, int] = {}
    for at in range(0, len(numbers), _ASKED):
        rows = Ticket.objects.visible_to(actor).filter(number__in=numbers[at : at + _ASKED])
        known |= dict(rows.values_list("number", "pk"))
    gone = [str(number) for number in numbers if number not in known]
    if gone:
        words = _("There is no № %(number)s, or it is not yours to see.")
        raise Missing(words % {"number": ", ".join(gone[:10])}, fields={"tickets": gone[:100]})
    return [known[number] for number in numbers]


def ids_of_list(actor: Actor, query: Mapping[str, Any]) -> list[int]:
    """All of a list by its query. Raises Invalid for one that makes no sense or is too long."""
    return ids_of_filters(actor, read_filters(query, default_list="any"))


def ids_of_filters(actor: Actor, filters: Filters) -> list[int]:
    found: list[int] = []
    cursor = ""
    while len(found) <= MOST:
        page = get_page(
            actor, filters, cursor=cursor, size=_PAGE, columns=("number", "status__kind")
        )
        found += [ticket.pk for ticket in page.tickets]
        cursor = page.next
        if not cursor:
            return found
    words = _("This list holds more than %(count)d tickets. Narrow it first.")
    raise Invalid(words % {"count": MOST})
