"""What tickets let be asked of a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor, Invalid
from otklik.core.vocabulary import Condition, ValueType, register_condition
from otklik.people.models import Person
from otklik.tickets.models import Ticket

MOST = 1000  # nobody's tickets are counted further


@dataclass(frozen=True, slots=True)
class CountCondition(Condition):
    """How many tickets somebody asked for. Nothing is counted: more than five is whether there is
    a sixth."""

    def clean(self, code: str, value: Any) -> Any:
        # Not super(): a dataclass with slots is another class than the one it names.
        cleaned = Condition.clean(self, code, value)
        numbers = cleaned if isinstance(cleaned, frozenset) else {cleaned} - {None}
        if not all(0 <= number < MOST for number in numbers):
            raise Invalid(_("Say a number below a thousand."), fields={self.name: str(cleaned)})
        return cleaned

    def q(
        self,
        code: str,
        value: Any = None,
        *,
        now: datetime | None = None,
        actor: Actor | None = None,
    ) -> Q:
        number = self.clean(code, value)
        if code == "is_empty":
            return ~Q(pk__isnull=False)
        if code == "is_filled":
            return Q(pk__isnull=False)
        if code == "less":
            return ~_at_least(number)
        if code == "more":
            return _at_least(number + 1)
        if code == "at_least":
            return _at_least(number)
        if code == "at_most":
            return ~_at_least(number + 1)
        exactly = Q(pk__isnull=True)
        for each in sorted(number) if isinstance(number, frozenset) else [number]:
            exactly |= _at_least(each) & ~_at_least(each + 1)
        return exactly if code in ("is", "in") else ~exactly


def _at_least(number: int) -> Q:
    if number <= 0:
        return Q(pk__isnull=False)
    theirs = Ticket.objects.filter(requester=OuterRef("pk"), trashed_at__isnull=True).order_by()
    return Q(Exists(theirs.values("pk")[number - 1 : number]))


def _count(person: Person) -> int:
    rows = Ticket.objects.filter(requester=person, trashed_at__isnull=True)
    return len(rows.order_by().values_list("pk", flat=True)[:MOST])


TICKETS = CountCondition(
    "person.tickets",
    gettext_lazy("Number of tickets"),
    ValueType.NUMBER,
    "people.Person",
    "pk",
    _count,
    names=("tickets", "заявок"),
)


def wire() -> None:
    register_condition(TICKETS)
