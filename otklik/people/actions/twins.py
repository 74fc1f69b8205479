"""Saying that two people who look like one are two, and taking that back."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.people import policy
from otklik.people.merging_events import TwinsRecalled, TwinsToldApart
from otklik.people.models import NotTwins, Person


@action
def tell_apart(actor: Actor, person: Person, other: Person) -> NotTwins:
    """They are suggested to each other no more. Said twice, it is said once.

    Raises Forbidden, and Invalid for the same person twice.
    """
    first, second = _ordered(actor, person, other)
    row, is_new = NotTwins.objects.get_or_create(
        first=first, second=second, defaults={"by_id": actor.person_id}
    )
    if is_new:
        record(actor, TwinsToldApart(person.pk, other.pk))
    return row


@action
def recall_twins(actor: Actor, person: Person, other: Person) -> None:
    """They may be suggested again. Raises Forbidden and Invalid."""
    first, second = _ordered(actor, person, other)
    gone, _rows = NotTwins.objects.filter(first=first, second=second).delete()
    if gone:
        record(actor, TwinsRecalled(person.pk, other.pk))


def _ordered(actor: Actor, person: Person, other: Person) -> tuple[Person, Person]:
    if not policy.can_merge_people(actor):
        raise Forbidden(_("You may not merge people."))
    if person.pk == other.pk:
        raise Invalid(_("This is the same person."), fields={"other": _("The same person.")})
    return (person, other) if person.pk < other.pk else (other, person)
