"""`/requests`: what the portal's form for a new request does, for programs of customers."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import uuid4

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router, Schema, Status
from pydantic import Field

from otklik.core.access import Actor, Invalid, Missing
from otklik.core.fields.asking import ask
from otklik.core.fields.queries import choices_of
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import Id, Strict, actor_of, demand, find_named
from otklik.core.web.places import place_of
from otklik.desk.brands import default_brand
from otklik.desk.models import Brand
from otklik.kit.text import clean_line, clean_text
from otklik.people.actors import actor_for_customer
from otklik.people.models import Person
from otklik.people.rest.custom import ChoiceOut, Values, choices_out, language_of
from otklik.portal.actions import Asked, open_request
from otklik.portal.actions.requesting import request_of
from otklik.portal.limits import MAX_FILES, MAX_TEXT, take_request
from otklik.portal.uploads import take_sent
from otklik.tickets import permissions
from otklik.tickets.models import Ticket
from otklik.tickets.rest.shapes import TicketOut, show_ticket

router = Router(tags=["requests"])


class AskedIn(Strict):
    brand: Id | None = Field(None, description="The default one when none is named")
    fields: Values = Field({}, description="What is said so far, by key")


class RequestIn(AskedIn):
    subject: Annotated[str, Field(min_length=1, max_length=300)]
    text: Annotated[str, Field(min_length=1, max_length=MAX_TEXT)]
    uploads: list[Annotated[str, Field(max_length=32)]] = Field(
        [],
        max_length=50,
        description=f"Tokens of `POST /uploads`: {MAX_FILES} at most, no larger than one may be",
    )


class AskedOut(Schema):
    key: str
    label: str
    hint: str
    kind: str
    choices: list[ChoiceOut] = Field(description="Of a choice and a multi")
    value: Any = Field(None, description="As it would be stored: what was said, or the default")
    is_needed: bool
    problem: str = Field(description="Why what was said for it makes no sense")


@router.post("/requests/fields", response=list[AskedOut], summary="What a new request is asked")
@for_everybody
def asked(request: HttpRequest, data: AskedIn) -> list[dict[str, Any]]:
    """The custom fields that a request with these values has to fill in; nothing is stored."""
    actor, person = _customer(request)
    found = ask(actor, request_of(_brand(actor, data.brand), person), data.fields)
    language = language_of(actor)
    return [
        {
            "key": field.key,
            "label": field.label(language),
            "hint": field.hint_in(language),
            "kind": field.kind,
            "choices": choices_out(choices_of(field, None, language)),
            "value": found.values.get(field.key),
            "is_needed": field.key in found.needed,
            "problem": found.wrong.get(field.key, ""),
        }
        for field in found.fields
    ]


@router.post("/requests", response={201: TicketOut}, summary="Ask for something oneself")
@for_everybody
def open_one(request: HttpRequest, data: RequestIn) -> Status[dict[str, Any]]:
    """A request of the one who asks, as the portal's form opens it. Fields that are not asked of
    customers answer 404, whether there are any or not; files of others likewise."""
    if actor_of(request).is_staff:
        demand(request, permissions.OPEN)
    actor, person = _customer(request)
    subject, text = clean_line(data.subject, 300), clean_text(data.text).strip()
    if not subject or not text:
        empty = "text" if subject else "subject"
        words = _("Nothing is written yet.")
        raise Invalid(words, fields={empty: words})
    brand = _brand(actor, data.brand)
    files = take_sent(actor, data.uploads)
    take_request(place_of(request), str(person.pk))
    opened = open_request(
        brand,
        Asked(
            subject=subject,
            text=text,
            key=request.client_key or uuid4(),  # type: ignore[attr-defined]
            language=actor.language if actor.language in brand.languages else brand.language,
            fields=data.fields,
            files=files,
        ),
        person,
    )
    ticket = Ticket.objects.with_people().get(pk=opened.pk)
    return Status(201, show_ticket(ticket, [], for_staff=False))


def _customer(request: HttpRequest) -> tuple[Actor, Person]:
    """The one who asks, as a customer whatever else they are. Raises Missing for nobody."""
    person = Person.objects.filter(pk=actor_of(request).person_id or 0, is_blocked=False).first()
    if person is None:
        raise Missing(_("There is no such thing, or it is not yours to see."))
    return actor_for_customer(person), person


def _brand(actor: Actor, pk: int | None) -> Brand:
    return find_named(Brand.objects.visible_to(actor), pk, "brand") or default_brand()
