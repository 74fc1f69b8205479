"""People and organisations have custom fields, and fields may point at either."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from otklik.core.access import Actor, Conflict, Forbidden, Missing
from otklik.core.fields.owners import Owner, Reference, register_owner, register_reference
from otklik.people import policy
from otklik.people.merging import ids_of_everybody_in
from otklik.people.models import Identity, Organisation, Person

MOST_HOPS = 20  # of one who was merged on and on
PERSON, ORGANISATION = "person", "organisation"


def wire() -> None:
    register_owner(
        Owner(
            PERSON,
            Person._meta.label,
            gettext_lazy("People"),
            _lock_person,
            _save,
            lambda person: {"person_id": person.pk},
        )
    )
    register_owner(
        Owner(
            ORGANISATION,
            Organisation._meta.label,
            gettext_lazy("Organisations"),
            _lock_organisation,
            _save,
            lambda organisation: {},
        )
    )
    register_reference(Reference(PERSON, _is_person, _names_of_people, _present_people, _everybody))
    register_reference(Reference(ORGANISATION, _is_organisation, _names_of_organisations))


def _lock_person(actor: Actor, pk: int) -> Person:
    found: Person | None = (
        Person.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    )
    if found is None:
        raise Missing(_("There is no such person, or they are not yours to see."))
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change customers."))
    if found.erased_at is not None:
        raise Conflict(_("This person is erased already."), code="erased")
    return found


def _lock_organisation(actor: Actor, pk: int) -> Organisation:
    found: Organisation | None = (
        Organisation.objects.visible_to(actor).select_for_update(of=("self",)).filter(pk=pk).first()
    )
    if found is None:
        raise Missing(_("There is no such organisation, or it is not yours to see."))
    if not policy.can_change_people(actor):
        raise Forbidden(_("You may not change organisations."))
    return found


def _save(owner: Any) -> None:
    owner.version += 1
    owner.save(update_fields=["custom", "version"])


def _is_person(actor: Actor, pk: int) -> bool:
    rows = Person.objects.visible_to(actor) if actor.is_staff else Person.objects.none()
    return bool(rows.filter(pk=pk, erased_at=None).exists())


def _present_people(ids: Iterable[int]) -> Mapping[int, int]:
    """Whom each is part of now; a query for each time they were merged on."""
    found = {pk: pk for pk in ids}
    for _hop in range(MOST_HOPS):
        rows = Person.objects.filter(pk__in=set(found.values()), merged_into__isnull=False)
        moved = dict(rows.values_list("pk", "merged_into"))
        if not moved:
            break
        found = {pk: moved.get(now, now) for pk, now in found.items()}
    return found


def _everybody(ids: Iterable[int]) -> set[int]:
    present = set(_present_people(ids).values())
    return {pk for each in present for pk in ids_of_everybody_in(each)}


def _names_of_people(ids: Iterable[int]) -> Mapping[int, str]:
    present = _present_people(ids)
    names = _own_names(present.values())
    return {pk: names[now] for pk, now in present.items() if now in names}


def _own_names(ids: Iterable[int]) -> Mapping[int, str]:
    names = {row.pk: str(row) for row in Person.objects.filter(pk__in=list(ids))}
    nameless = [pk for pk, name in names.items() if name == f"#{pk}"]
    for identity in Identity.objects.filter(person__in=nameless).order_by("-pk"):
        names[identity.person_id] = str(identity)
    return names


def _is_organisation(actor: Actor, pk: int) -> bool:
    return bool(Organisation.objects.visible_to(actor).filter(pk=pk).exists())


def _names_of_organisations(ids: Iterable[int]) -> Mapping[int, str]:
    return dict(Organisation.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
