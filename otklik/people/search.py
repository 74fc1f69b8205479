"""Persons and organisations as search documents; staff find them, nobody else.

Written after the commit, so that taking in a message from somebody new stays lean.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import Any

from otklik.core import search
from otklik.core.db import write
from otklik.core.events import ANY_ORIGIN, Phase, on
from otklik.core.events.models import EventRow
from otklik.core.fields.events import FieldValueChanged
from otklik.core.fields.queries import texts_of
from otklik.people import events, merging_events
from otklik.people.models import Organisation, Person

PERSON = "person"
ORGANISATION = "organisation"
_SCOPES = ("staff",)
_MOST_IDENTITIES = 20
_MOST_NOTES = 2000
_STEP = 200

_HEARD_OF_PERSONS: tuple[type, ...] = (
    events.PersonCreated,
    events.PersonChanged,
    events.PersonJoinedOrganisation,
    events.IdentityAdded,
    merging_events.PersonMerged,
    merging_events.PersonUnmerged,
)
_OF_TWO = (merging_events.PersonMerged, merging_events.PersonUnmerged)
_HEARD_OF_ORGANISATIONS: tuple[type, ...] = (events.OrganisationCreated, events.OrganisationChanged)


def wire() -> None:
    of = {_hear_of_persons: _HEARD_OF_PERSONS, _hear_of_organisations: _HEARD_OF_ORGANISATIONS}
    for hear, events_heard in of.items():
        for heard in events_heard:
            on(heard, name="people.search", phase=Phase.NOTIFY, origins=ANY_ORIGIN, gathers=True)(
                hear
            )
    on(
        FieldValueChanged,
        name="people.search_values",
        phase=Phase.NOTIFY,
        origins=ANY_ORIGIN,
        gathers=True,
    )(_hear_of_values)
    search.register_source(PERSON, all_persons)
    search.register_source(ORGANISATION, all_organisations)


def refresh_persons(ids: Collection[int]) -> None:
    """Write these persons' documents anew, and take out those of persons who are gone."""
    rows = Person.objects.with_details().present().filter(pk__in=ids)
    _refresh(PERSON, ids, {person.pk: _words_of_person(person) for person in rows})


def refresh_members(organisation_id: int, after: int) -> int:
    """The same for the next people of an organisation, whose name stands in their documents.
    Returns the id of the last one, 0 at the end."""
    rows = Person.objects.present().filter(organisation=organisation_id, pk__gt=after)
    ids = list(rows.order_by("pk").values_list("pk", flat=True)[:_STEP])
    refresh_persons(ids)
    return ids[-1] if len(ids) == _STEP else 0


def refresh_organisations(ids: Collection[int]) -> None:
    rows = Organisation.objects.prefetch_related("domains").filter(pk__in=ids)
    _refresh(ORGANISATION, ids, {row.pk: _words_of_organisation(row) for row in rows})


def _refresh(kind: str, ids: Collection[int], found: Mapping[int, Mapping[str, Any]]) -> None:
    search.index_many(kind, found)
    for gone in set(ids) - set(found):
        search.remove(kind, gone)


def all_persons() -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = Person.objects.with_details().present().order_by("id")
    for person in rows.iterator(chunk_size=200):
        yield person.pk, _words_of_person(person)


def all_organisations() -> Iterator[tuple[int, Mapping[str, Any]]]:
    rows = Organisation.objects.prefetch_related("domains").order_by("id")
    for organisation in rows.iterator(chunk_size=200):
        yield organisation.pk, _words_of_organisation(organisation)


def _hear_of_persons(rows: Sequence[EventRow]) -> None:
    ids = {row.person_id for row in rows if row.person_id is not None}
    ids |= {row.event.gone_id for row in rows if isinstance(row.event, _OF_TWO)}
    refresh_persons(ids)


def _hear_of_organisations(rows: Sequence[EventRow]) -> None:
    from otklik.people.tasks import refresh_members

    refresh_organisations({row.event.organisation_id for row in rows})
    changed = [row.event for row in rows if isinstance(row.event, events.OrganisationChanged)]
    renamed = {each.organisation_id for each in changed if "name" in each.fields}
    if renamed:
        with write():
            for pk in sorted(renamed):
                refresh_members.enqueue(organisation_id=pk)


def _hear_of_values(rows: Sequence[EventRow]) -> None:
    told = [row.event for row in rows]
    people = {each.owner_id for each in told if each.thing == PERSON}
    organisations = {each.owner_id for each in told if each.thing == ORGANISATION}
    if people:
        refresh_persons(people)
    if organisations:
        refresh_organisations(organisations)


def _words_of_person(person: Person) -> dict[str, Any]:
    """What `search.index` takes by name."""
    identities = sorted(person.identities.all(), key=attrgetter("pk"))[:_MOST_IDENTITIES]
    addresses = [identity.value for identity in identities]
    organisation = person.organisation.name if person.organisation else ""
    return {
        "title": " ".join(filter(None, [person.name, *addresses])),
        "body": " ".join(
            filter(
                None,
                [
                    *(organisation, person.job_title, person.notes[:_MOST_NOTES]),
                    *texts_of(person.custom, PERSON),
                ],
            )
        ),
        "scopes": _SCOPES,
        "at": person.created_at,
    }


def _words_of_organisation(organisation: Organisation) -> dict[str, Any]:
    domains = [each.domain for each in organisation.domains.all()]
    return {
        "title": " ".join([organisation.name, *domains]),
        "body": " ".join(
            [organisation.notes[:_MOST_NOTES], *texts_of(organisation.custom, ORGANISATION)]
        ),
        "scopes": _SCOPES,
        "at": organisation.created_at,
    }
