"""Read models: lists with keyset paging, search, and what stands beside a ticket."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import Count, Q, QuerySet

from otklik.core import search
from otklik.core.access import Actor
from otklik.kit.paging import Cursor, decode_cursor, keyset_filter, keyset_order
from otklik.people.models import Agent, Identity, Organisation, Person, Team, User
from otklik.people.roles import ADMINISTRATOR
from otklik.people.search import ORGANISATION, PERSON

PAGE = 50
MOST_FOUND = 50
KEY = "sort_name"
_MOST_HOPS = 50

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Page(Generic[R]):
    """One page of a list; ``next`` and ``previous`` are cursor tokens, "" at the ends."""

    rows: list[R]
    next: str = ""
    previous: str = ""


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One line of the list of people; everything is a value."""

    id: int
    name: str
    address: str
    is_verified: bool
    organisation_id: int | None
    organisation: str
    job_title: str
    is_blocked: bool
    is_agent: bool


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    id: int
    name: str
    domains: tuple[str, ...]
    people: int


def list_persons(
    actor: Actor, *, cursor: str = "", organisation: Organisation | None = None, size: int = PAGE
) -> Page[PersonRow]:
    """People by name. Raises ValueError for a malformed cursor. Three queries a page."""
    rows = Person.objects.visible_to(actor).present()
    if organisation is not None:
        rows = rows.filter(organisation=organisation)
    return _page(_with_row_details(rows), cursor, size, _person_row)


def find_persons(actor: Actor, query: str, limit: int = MOST_FOUND) -> list[PersonRow]:
    """People by name, address, organisation or note, best first; for a list and for pickers."""
    found = _found(PERSON, actor, query, limit)
    rows = {
        row.pk: row
        for row in _with_row_details(Person.objects.visible_to(actor).filter(pk__in=found))
    }
    return [_person_row(rows[pk]) for pk in found if pk in rows]


def list_organisations(
    actor: Actor, *, cursor: str = "", size: int = PAGE
) -> Page[OrganisationRow]:
    """Organisations by name. Raises ValueError for a malformed cursor. Three queries a page."""
    rows = Organisation.objects.visible_to(actor).prefetch_related("domains")
    page = _page(rows, cursor, size, lambda row: row)
    return Page(_organisation_rows(page.rows), page.next, page.previous)


def find_organisations(actor: Actor, query: str, limit: int = MOST_FOUND) -> list[OrganisationRow]:
    found = _found(ORGANISATION, actor, query, limit)
    visible = Organisation.objects.visible_to(actor).prefetch_related("domains")
    rows = {row.pk: row for row in visible.filter(pk__in=found)}
    return _organisation_rows([rows[pk] for pk in found if pk in rows])


def get_person(actor: Actor, person_id: int) -> Person:
    """With organisation and identities. Raises Person.DoesNotExist for a foreign one too."""
    found: Person = Person.objects.visible_to(actor).with_details().get(pk=person_id)
    return found


def find_present(person: Person) -> Person:
    """Whom somebody who was merged is part of now; themselves when they were not."""
    for _hop in range(_MOST_HOPS):
        if person.merged_into_id is None:
            break
        person = Person.objects.get(pk=person.merged_into_id)
    return person


def list_agents(actor: Actor, *, is_active: bool | None = True) -> QuerySet[Agent]:
    """Agents by name, with person and teams; ``is_active`` None: those let go too."""
    rows = Agent.objects.visible_to(actor).with_person().prefetch_related("teams")
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    return rows.order_by("person__sort_name", "id")


def list_teams(actor: Actor, *, is_active: bool | None = True) -> QuerySet[Team]:
    """Teams by line and name; ``people`` is the number of active agents."""
    rows = Team.objects.visible_to(actor)
    if is_active is not None:
        rows = rows.filter(is_active=is_active)
    return rows.annotate(people=Count("agents", filter=Q(agents__is_active=True)))


def find_identity(kind: str, value: str, scope: str = "") -> Identity | None:
    """By its normalised value, with its person. For channels: rights are the caller's matter."""
    rows = Identity.objects.select_related("person__organisation")
    return rows.filter(kind=kind, scope=scope, value=value).first()


def primary_identity(person: Person, kind: str = "email") -> Identity | None:
    """Where this person is written to: the primary address, else a proven one, else any."""
    rows = [identity for identity in person.identities.all() if identity.kind == kind]
    rows.sort(key=lambda row: (not row.is_primary, not row.is_verified, row.pk))
    return rows[0] if rows else None


def _with_row_details(rows: QuerySet[Person]) -> QuerySet[Person]:
    return rows.select_related("organisation", "agent").prefetch_related("identities")


def _person_row(person: Person) -> PersonRow:
    identity = primary_identity(person)
    agent = person._state.fields_cache.get("agent")
    return PersonRow(
        id=person.pk,
        name=person.name,
        address=str(identity) if identity else "",
        is_verified=identity.is_verified if identity else False,
        organisation_id=person.organisation_id,
        organisation=person.organisation.name if person.organisation else "",
        job_title=person.job_title,
        is_blocked=person.is_blocked,
        is_agent=agent is not None and agent.is_active,
    )


def _organisation_rows(rows: Sequence[Organisation]) -> list[OrganisationRow]:
    counted = (
        Person.objects.present()
        .filter(organisation__in=[row.pk for row in rows])
        .values_list("organisation")
        .annotate(Count("id"))
        if rows
        else ()
    )
    people = dict(counted)
    return [
        OrganisationRow(
            id=row.pk,
            name=row.name,
            domains=tuple(each.domain for each in row.domains.all()),
            people=people.get(row.pk, 0),
        )
        for row in rows
    ]


def _found(kind: str, actor: Actor, query: str, limit: int) -> list[int]:
    hits = search.find(kind, query, scopes=actor.scopes, limit=min(limit, MOST_FOUND))
    return [hit.object_id for hit in hits]


def _page(rows: QuerySet[Any], token: str, size: int, make: Callable[[Any], R]) -> Page[R]:
    cursor = decode_cursor(token, str) if token else None
    direction = cursor.direction if cursor else "next"
    if cursor is not None:
        rows = rows.filter(keyset_filter(cursor, KEY, is_descending=False))
    ordered = rows.order_by(*keyset_order(direction, KEY, is_descending=False))
    found = list(ordered[: size + 1])
    has_more, found = len(found) > size, found[:size]
    if direction == "previous":
        found.reverse()
    if not found:
        return Page([])
    has_next = has_more if direction == "next" else True
    has_previous = cursor is not None if direction == "next" else has_more
    last, first = found[-1], found[0]
    return Page(
        rows=[make(row) for row in found],
        next=Cursor(last.sort_name, last.pk, "next").encode() if has_next else "",
        previous=Cursor(first.sort_name, first.pk, "previous").encode() if has_previous else "",
    )


def has_administrator() -> bool:
    """Whether anybody who works here administers the desk."""
    holders = User.objects.filter(roles__code=ADMINISTRATOR, person__agent__is_active=True)
    return holders.exists()
