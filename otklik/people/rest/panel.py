"""What staff knows of a customer beside their data: notes and consent, by REST."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Schema, Status
from pydantic import Field

from otklik.core.access import Missing
from otklik.core.rest.paging import page_by_id
from otklik.core.rest.shapes import Id, PageQuery, Strict, actor_of, find_named, get_row
from otklik.people import policy
from otklik.people.actions import (
    change_consent_kind,
    change_customer_note,
    create_consent_kind,
    record_consent,
    remove_customer_note,
    write_customer_note,
)
from otklik.people.looks import REST_PERSON, note_look
from otklik.people.models import Consent, ConsentKind, CustomerNote, Organisation, Person

router = Router(tags=["people"])

Text = Annotated[str, Field(max_length=4000)]
Labels = Annotated[dict[str, Annotated[str, Field(max_length=100)]], Field(max_length=20)]


class NoteOut(Schema):
    id: int
    person: int | None
    organisation: int | None
    text: str
    author: int | None = Field(description="A person's id")
    is_pinned: bool
    created_at: datetime
    changed_at: datetime | None
    version: int


class NotePage(Schema):
    items: list[NoteOut]
    next: str


class NoteIn(Strict):
    text: Text
    is_pinned: bool = False


class NoteChange(Strict):
    text: Text | None = None
    is_pinned: bool | None = None
    version: int | None = None


class ConsentOut(Schema):
    id: int
    kind: str = Field(description="The kind's code")
    is_given: bool
    is_current: bool = Field(description="The last word on this kind")
    how: str = Field(description="form, email, phone, message, paper, self or other")
    evidence: str
    at: datetime = Field(description="When they said it")
    recorded_at: datetime
    actor_kind: str
    actor: int | None


class ConsentPage(Schema):
    items: list[ConsentOut]
    next: str


class ConsentIn(Strict):
    kind: Annotated[str, Field(max_length=40, description="A code of /consent-kinds")]
    is_given: bool
    how: Literal["form", "email", "phone", "message", "paper", "self", "other"]
    evidence: Annotated[str, Field(max_length=2000)] = ""
    at: datetime | None = None


class KindOut(Schema):
    id: int
    code: str
    name: str
    labels: dict[str, str]
    is_active: bool


class KindIn(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)]
    code: Annotated[str, Field(max_length=40)] = ""
    labels: Labels = {}


class KindChange(Strict):
    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None
    labels: Labels | None = None
    is_active: bool | None = None


@router.get("/people/{int:pk}/notes", response=NotePage, summary="Notes about a person")
def notes(request: HttpRequest, pk: int, query: Query[PageQuery]) -> dict[str, Any]:
    """For staff; the customer never sees them."""
    person = _person(request, pk)
    note_look(actor_of(request), person.pk, REST_PERSON)
    rows = CustomerNote.objects.filter(person=person, removed_at=None)
    return page_by_id(rows, _show_note, cursor=query.cursor, limit=query.limit)


@router.post("/people/{int:pk}/notes", response={201: NoteOut}, summary="Write a note about them")
def add_note(request: HttpRequest, pk: int, data: NoteIn) -> Status[dict[str, Any]]:
    note = write_customer_note(
        actor_of(request), _person(request, pk), data.text, is_pinned=data.is_pinned
    )
    return Status(201, _show_note(note))


@router.get("/organisations/{int:pk}/notes", response=NotePage, summary="Notes about one")
def organisation_notes(request: HttpRequest, pk: int, query: Query[PageQuery]) -> dict[str, Any]:
    rows = CustomerNote.objects.filter(organisation=_organisation(request, pk), removed_at=None)
    return page_by_id(rows, _show_note, cursor=query.cursor, limit=query.limit)


@router.post("/organisations/{int:pk}/notes", response={201: NoteOut}, summary="Write one about it")
def add_organisation_note(request: HttpRequest, pk: int, data: NoteIn) -> Status[dict[str, Any]]:
    note = write_customer_note(
        actor_of(request), _organisation(request, pk), data.text, is_pinned=data.is_pinned
    )
    return Status(201, _show_note(note))


@router.patch("/customer-notes/{int:pk}", response=NoteOut, summary="Change or pin a note")
def alter_note(request: HttpRequest, pk: int, data: NoteChange) -> dict[str, Any]:
    """With ``version``, words that cross another change answer 409 with theirs."""
    changed = change_customer_note(
        actor_of(request),
        _note(request, pk),
        text=data.text,
        is_pinned=data.is_pinned,
        version=data.version,
    )
    return _show_note(changed)


@router.delete("/customer-notes/{int:pk}", response={204: None}, summary="Remove a note")
def remove_note(request: HttpRequest, pk: int) -> Status[None]:
    """It can be undone by the last operation of whoever removed it."""
    remove_customer_note(actor_of(request), _note(request, pk))
    return Status(204, None)


@router.get("/people/{int:pk}/consents", response=ConsentPage, summary="What they agreed to")
def consents(request: HttpRequest, pk: int, query: Query[PageQuery]) -> dict[str, Any]:
    """All history, newest first; ``is_current`` marks the last word on each kind."""
    person = _person(request, pk)
    note_look(actor_of(request), person.pk, REST_PERSON)
    rows = Consent.objects.filter(person=person).select_related("kind")
    return page_by_id(rows, _show_consent, cursor=query.cursor, limit=query.limit)


@router.post("/people/{int:pk}/consents", response={201: ConsentOut}, summary="Write one down")
def add_consent(request: HttpRequest, pk: int, data: ConsentIn) -> Status[dict[str, Any]]:
    found = ConsentKind.objects.filter(code=data.kind).first()
    kind = find_named(ConsentKind.objects.all(), found.pk if found else 0, "kind")
    assert kind is not None
    consent = record_consent(
        actor_of(request),
        _person(request, pk),
        kind,
        is_given=data.is_given,
        how=data.how,
        evidence=data.evidence,
        at=data.at,
    )
    return Status(201, _show_consent(consent))


@router.get("/consent-kinds", response=list[KindOut], summary="What people may agree to")
def kinds(request: HttpRequest) -> list[ConsentKind]:
    _demand_staff(request)
    return list(ConsentKind.objects.all())


@router.post("/consent-kinds", response={201: KindOut}, summary="Add a kind of consent")
def add_kind(request: HttpRequest, data: KindIn) -> Status[ConsentKind]:
    made = create_consent_kind(
        actor_of(request), name=data.name, code=data.code, labels=data.labels
    )
    return Status(201, made)


@router.patch("/consent-kinds/{int:pk}", response=KindOut, summary="Change one")
def alter_kind(request: HttpRequest, pk: int, data: KindChange) -> ConsentKind:
    _demand_staff(request)
    kind = get_row(ConsentKind.objects.all(), pk)
    return change_consent_kind(
        actor_of(request), kind, name=data.name, labels=data.labels, is_active=data.is_active
    )


def _demand_staff(request: HttpRequest) -> None:
    if not actor_of(request).is_staff:
        raise Missing("")


def _person(request: HttpRequest, pk: Id) -> Person:
    """For staff alone: to a customer there is nothing here, not even about themselves."""
    rows = Person.objects.visible_to(actor_of(request))
    may_see = policy.can_see_people(actor_of(request))
    found: Person = get_row(rows if may_see else rows.none(), pk)
    return found


def _organisation(request: HttpRequest, pk: Id) -> Organisation:
    rows = Organisation.objects.visible_to(actor_of(request))
    may_see = policy.can_see_people(actor_of(request))
    found: Organisation = get_row(rows if may_see else rows.none(), pk)
    return found


def _note(request: HttpRequest, pk: Id) -> CustomerNote:
    rows = CustomerNote.objects.filter(removed_at=None)
    may_see = policy.can_see_people(actor_of(request))
    found: CustomerNote = get_row(rows if may_see else rows.none(), pk)
    return found


def _show_note(row: CustomerNote) -> dict[str, Any]:
    return {
        "id": row.pk,
        "person": row.person_id,
        "organisation": row.organisation_id,
        "text": row.text,
        "author": row.author_id,
        "is_pinned": row.pinned_at is not None,
        "created_at": row.created_at,
        "changed_at": row.changed_at,
        "version": row.version,
    }


def _show_consent(row: Consent) -> dict[str, Any]:
    return {
        "id": row.pk,
        "kind": row.kind.code,
        "is_given": row.is_given,
        "is_current": row.is_current,
        "how": row.how,
        "evidence": row.evidence,
        "at": row.at,
        "recorded_at": row.recorded_at,
        "actor_kind": row.actor_kind,
        "actor": row.actor_id,
    }
