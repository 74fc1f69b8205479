"""Persons and organisations as search documents; staff find them, nobody else.

Written after the commit, so that taking in a message from somebody new stays lean.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from otklik.core import search
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.people import events
from otklik.people.models import Organisation, Person

PERSON = "person"
ORGANISATION = "organisation"
_SCOPES = ("staff",)
_MOST_IDENTITIES = 20
_MOST_NOTES = 2000

_HEARD_OF_PERSONS: tuple[type, ...] = (
    events.PersonCreated,
    events.PersonChanged,
    events.PersonJoinedOrganisation,
    events.IdentityAdded,
)
_HEARD_OF_ORGANISATIONS: tuple[type, ...] = (events.OrganisationCreated, events.OrganisationChanged)


def wire() -> None:
    for heard in _HEARD_OF_PERSONS:
        on(heard, name="people.search", phase=Phase.NOTIFY, origins=ANY_ORIGIN)(_hear_of_person)
    for heard in _HEARD_OF_ORGANISATIONS:
        on(heard, name="people.search", phase=Phase.NOTIFY, origins=ANY_ORIGIN)(
            _hear_of_organisation
        )
    search.register_source(PERSON, all_persons)
    search.register_source(ORGANISATION, all_organisations)


def refresh_person(person_id: int) -> None:
    """Write one person's document anew, or take it out when the person is gone."""
    person = Person.objects.with_details().filter(pk=person_id).first()
    if person is None or person.erased_at is not None:
        search.remove(PERSON, person_id)
        return
    search.index(PERSON, person_id, **_words_of_person(person))


def refresh_organisation(organisation_id: int) -> None:
    rows = Organisation.objects.prefetch_related("domains")
    organisation = rows.filter(pk=organisation_id).first()
    if organisation is None:
        search.remove(ORGANISATION, organisation_id)
        return
    search.index(ORGANISATION, organisation_id, **_words_of_organisation(organisation))


def all_persons() -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = Person.objects.with_details().filter(erased_at=None).order_by("id")
    for person in rows.iterator(chunk_size=200):
        yield person.pk, _words_of_person(person)


def all_organisations() -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = Organisation.objects.prefetch_related("domains").order_by("id")
    for organisation in rows.iterator(chunk_size=200):
        yield organisation.pk, _words_of_organisation(organisation)


def _hear_of_person(row: EventRow) -> None:
    if row.person_id is not None:
        refresh_person(row.person_id)


def _hear_of_organisation(row: EventRow) -> None:
    event: Any = row.event
    refresh_organisation(event.organisation_id)


def _words_of_person(person: Person) -> dict[str, Any]:
    """What `search.index` takes by name."""
    addresses = [identity.value for identity in list(person.identities.all())[:_MOST_IDENTITIES]]
    organisation = person.organisation.name if person.organisation else ""
    return {
        "title": " ".join(filter(None, [person.name, *addresses])),
        "body": " ".join(
            filter(None, [organisation, person.job_title, person.notes[:_MOST_NOTES]])
        ),
        "scopes": _SCOPES,
        "at": person.created_at,
    }


def _words_of_organisation(organisation: Organisation) -> dict[str, Any]:
    domains = [each.domain for each in organisation.domains.all()]
    return {
        "title": " ".join([organisation.name, *domains]),
        "body": organisation.notes[:_MOST_NOTES],
        "scopes": _SCOPES,
        "at": organisation.created_at,
    }
