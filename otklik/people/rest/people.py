"""People, organisations, agents and teams by REST."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from operator import attrgetter
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Actor, Invalid
from otklik.core.db import write
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import Id, PageQuery, Strict, actor_of, find_named, get_row, given
from otklik.people import policy
from otklik.people.actions import (
    add_identity,
    block_person,
    change_organisation,
    change_person,
    create_organisation,
    create_person,
    forget_trouble,
    make_primary,
    unblock_person,
    verify_identity,
)
from otklik.people.looks import REST_PERSON, note_look
from otklik.people.models import Agent, Identity, Organisation, Person, VerifiedHow
from otklik.people.queries import find_organisations, find_persons, find_present

router = Router(tags=["people"])

Name = Annotated[str, Field(max_length=200)]
Long = Annotated[str, Field(max_length=10_000)]


class IdentityOut(Schema):
    id: int
    kind: str
    address: str
    is_primary: bool
    is_verified: bool
    verified_how: str
    trouble: str = Field(description="hard, soft, refused, complaint; empty: letters arrive")
    trouble_at: datetime | None
    trouble_detail: str = Field(description="For staff; empty for others")


class PersonOut(Schema):
    id: int
    name: str
    organisation: int | None
    job_title: str
    language: str
    time_zone: str
    notes: str = Field(description="For staff; empty for others")
    account_manager: int | None = Field(description="An agent's id; the organisation's is its own")
    is_vip: bool
    last_seen_at: datetime | None = Field(description="When they last wrote or signed in")
    is_blocked: bool
    identities: list[IdentityOut]
    version: int


class AddressIn(Strict):
    address: Annotated[str, Field(max_length=320)]


class AddressChange(Strict):
    is_primary: bool = False
    is_vouched_for: bool = Field(False, description="Staff says it is theirs")
    is_reachable: bool = Field(False, description="Forget what delivery reports said of it")


class PersonPage(Schema):
    items: list[PersonOut]
    next: str


class PersonIn(Strict):
    name: Name
    email: Annotated[str, Field(max_length=320)] = ""
    organisation: int | None = None
    job_title: Annotated[str, Field(max_length=120)] = ""
    language: Annotated[str, Field(max_length=10)] = ""
    time_zone: Annotated[str, Field(max_length=64)] = ""
    notes: Long = ""
    account_manager: Id | None = None
    is_vip: bool = False


class PersonChange(Strict):
    name: Name | None = None
    organisation: int | None = None
    job_title: Annotated[str, Field(max_length=120)] | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    time_zone: Annotated[str, Field(max_length=64)] | None = None
    notes: Long | None = None
    account_manager: Id | None = None
    is_vip: bool | None = None
    is_blocked: bool | None = None
    version: int | None = None


class OrganisationOut(Schema):
    id: int
    name: str
    notes: str = Field(description="For staff; empty for others")
    account_manager: int | None = Field(description="An agent's id; null for others than staff")
    is_vip: bool
    domains: list[str]
    version: int


class OrganisationPage(Schema):
    items: list[OrganisationOut]
    next: str


class OrganisationIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=200)]
    notes: Long = ""
    account_manager: Id | None = None
    is_vip: bool = False
    domains: list[Annotated[str, Field(max_length=253)]] = Field([], max_length=50)


class OrganisationChange(Strict):
    name: Name | None = None
    notes: Long | None = None
    account_manager: Id | None = None
    is_vip: bool | None = None
    domains: list[Annotated[str, Field(max_length=253)]] | None = Field(None, max_length=50)
    version: int | None = None


class SearchQuery(PageQuery):
    q: str = Field("", max_length=300)


@router.get("/people", response=PersonPage, summary="List and search people")
@for_everybody
def people(request: HttpRequest, query: Query[SearchQuery]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = Person.objects.visible_to(actor).filter(merged_into=None).with_details()
    show = partial(_show_person, actor)
    if query.q:
        ids = [row.id for row in find_persons(actor, query.q, limit=query.limit)]
        return {"items": _in_order(rows, ids, show), "next": ""}
    return page_by_id(rows, show, cursor=query.cursor, limit=query.limit)


@router.post("/people", response={201: PersonOut}, summary="Write a person down")
def add_person(request: HttpRequest, data: PersonIn) -> Status[dict[str, Any]]:
    details = data.dict(exclude={"name", "email", "organisation", "account_manager"})
    person = create_person(
        actor_of(request),
        name=data.name,
        email=data.email,
        organisation=_organisation(request, data.organisation),
        account_manager=_agent(request, data.account_manager),
        **details,
    )
    return Status(201, _show_person(actor_of(request), _person(request, person.pk)))


@router.get("/people/{int:pk}", response=PersonOut, summary="One person")
@for_everybody
def person(request: HttpRequest, pk: int) -> dict[str, Any]:
    """An id of somebody who was merged answers as the one they are part of now: see `id`."""
    found = _person(request, pk)
    note_look(actor_of(request), found.pk, REST_PERSON)
    return _show_person(actor_of(request), found)


@router.patch("/people/{int:pk}", response=PersonOut, summary="Change a person")
@for_everybody
def change(request: HttpRequest, pk: int, data: PersonChange) -> dict[str, Any]:
    actor, found = actor_of(request), _person(request, pk)
    changes = given(data, "version", "is_blocked", "organisation", "account_manager")
    if "account_manager" in data.model_fields_set:
        changes["account_manager"] = _agent(request, data.account_manager)
    if "organisation" in data.model_fields_set:
        changes["organisation"] = _organisation(request, data.organisation)
    with write():  # all of it or nothing
        if changes:
            change_person(actor, found, version=data.version, **changes)
        if data.is_blocked is not None:
            (block_person if data.is_blocked else unblock_person)(actor, found)
    return _show_person(actor_of(request), _person(request, pk))


@router.post("/people/{int:pk}/identities", response={201: PersonOut}, summary="Add an address")
def add_address(request: HttpRequest, pk: int, data: AddressIn) -> Status[dict[str, Any]]:
    try:
        add_identity(actor_of(request), _person(request, pk), kind="email", value=data.address)
    except Invalid as error:
        error.fields = {"address": str(error)}  # as it is called here
        raise
    return Status(201, _show_person(actor_of(request), _person(request, pk)))


@router.patch(
    "/people/{int:pk}/identities/{int:identity_id}", response=PersonOut, summary="Change an address"
)
@for_everybody
def alter_address(
    request: HttpRequest, pk: int, identity_id: int, data: AddressChange
) -> dict[str, Any]:
    actor, owner = actor_of(request), _person(request, pk)
    found = get_row(Identity.objects.filter(person=owner).select_related("person"), identity_id)
    with write():  # all of it or nothing
        if data.is_vouched_for:
            verify_identity(actor, found, VerifiedHow.STAFF)
        if data.is_primary:
            make_primary(actor, found)
        if data.is_reachable:
            forget_trouble(actor, found)
    return _show_person(actor_of(request), _person(request, pk))


@router.get("/organisations", response=OrganisationPage, summary="List and search organisations")
@for_everybody
def organisations(request: HttpRequest, query: Query[SearchQuery]) -> dict[str, Any]:
    actor = actor_of(request)
    rows = Organisation.objects.visible_to(actor).prefetch_related("domains")
    show = partial(_show_organisation, actor)
    if query.q:
        ids = [row.id for row in find_organisations(actor, query.q, limit=query.limit)]
        return {"items": _in_order(rows, ids, show), "next": ""}
    return page_by_id(rows, show, cursor=query.cursor, limit=query.limit)


@router.post("/organisations", response={201: OrganisationOut}, summary="Add an organisation")
def add_organisation(request: HttpRequest, data: OrganisationIn) -> Status[dict[str, Any]]:
    details = data.dict(exclude={"account_manager"})
    manager = _agent(request, data.account_manager)
    made = create_organisation(actor_of(request), account_manager=manager, **details)
    return Status(201, _show_organisation(actor_of(request), made))


@router.get("/organisations/{int:pk}", response=OrganisationOut, summary="One organisation")
@for_everybody
def organisation(request: HttpRequest, pk: int) -> dict[str, Any]:
    return _show_organisation(actor_of(request), _get_organisation(request, pk))


@router.patch("/organisations/{int:pk}", response=OrganisationOut, summary="Change one")
def alter_organisation(request: HttpRequest, pk: int, data: OrganisationChange) -> dict[str, Any]:
    found = _get_organisation(request, pk)
    changes = given(data, "version", "account_manager")
    if "account_manager" in data.model_fields_set:
        changes["account_manager"] = _agent(request, data.account_manager)
    change_organisation(actor_of(request), found, version=data.version, **changes)
    return _show_organisation(actor_of(request), _get_organisation(request, pk))


def _person(request: HttpRequest, pk: int) -> Person:
    """An id of somebody who was merged answers as the one they are part of now."""
    rows = Person.objects.visible_to(actor_of(request)).with_details()
    found: Person = get_row(rows, pk)
    if found.merged_into_id is not None and actor_of(request).is_staff:
        found = get_row(rows, find_present(found).pk)
    return found


def _get_organisation(request: HttpRequest, pk: int) -> Organisation:
    rows = Organisation.objects.visible_to(actor_of(request)).prefetch_related("domains")
    found: Organisation = get_row(rows, pk)
    return found


def _organisation(request: HttpRequest, pk: int | None) -> Organisation | None:
    rows = Organisation.objects.visible_to(actor_of(request))
    found: Organisation | None = find_named(rows, pk, "organisation")
    return found


def _agent(request: HttpRequest, pk: int | None) -> Agent | None:
    rows = Agent.objects.visible_to(actor_of(request)).active()
    found: Agent | None = find_named(rows, pk, "account_manager")
    return found


def _in_order(rows: Any, ids: list[int], show: Any) -> list[dict[str, Any]]:
    found = {row.pk: row for row in rows.filter(pk__in=ids)}
    return [show(found[pk]) for pk in ids if pk in found]


def _show_person(actor: Actor, row: Person) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "organisation": row.organisation_id,
        "job_title": row.job_title,
        "language": row.language,
        "time_zone": row.time_zone,
        "notes": row.notes if policy.can_see_people(actor) else "",
        "account_manager": row.account_manager_id if policy.can_see_people(actor) else None,
        "is_vip": row.is_vip and policy.can_see_people(actor),
        "last_seen_at": row.last_seen_at,
        "is_blocked": row.is_blocked,
        "identities": [
            {
                "id": identity.pk,
                "kind": identity.kind,
                "address": identity.value,
                "is_primary": identity.is_primary,
                "is_verified": identity.is_verified,
                "verified_how": identity.verified_how,
                "trouble": identity.trouble,
                "trouble_at": identity.trouble_at,
                "trouble_detail": identity.trouble_detail if policy.can_see_people(actor) else "",
            }
            for identity in sorted(
                row.identities.all()
                if policy.can_see_people(actor)
                else Identity.objects.proving_for(row.pk),
                key=attrgetter("pk"),
            )
        ],
        "version": row.version,
    }


def _show_organisation(actor: Actor, row: Organisation) -> dict[str, Any]:
    return {
        "id": row.pk,
        "name": row.name,
        "notes": row.notes if policy.can_see_people(actor) else "",
        "account_manager": row.account_manager_id if policy.can_see_people(actor) else None,
        "is_vip": row.is_vip and policy.can_see_people(actor),
        "domains": [domain.domain for domain in row.domains.all()],
        "version": row.version,
    }
