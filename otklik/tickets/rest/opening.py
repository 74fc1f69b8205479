"""`POST /tickets`: for somebody who asked, or to somebody we write to first."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import Status
from pydantic import Field

from otklik.core.access import Invalid
from otklik.core.db import write
from otklik.core.db.briefly import briefly
from otklik.core.rest.along import answer_along, goes_along, writes_once
from otklik.core.rest.shapes import Strict, actor_of
from otklik.desk.accounts import find_sending_account
from otklik.desk.brands import default_brand
from otklik.desk.models import Account, Brand
from otklik.people.models import Person
from otklik.people.rest.custom import Values
from otklik.tickets import permissions
from otklik.tickets.actions import open_ticket, set_tags, take_uploads
from otklik.tickets.actions.starting import start_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.custom import fill_new
from otklik.tickets.doors import require
from otklik.tickets.models import Category
from otklik.tickets.rest.found import (
    get_agent,
    get_by_id,
    get_team,
    get_ticket,
    identities_of,
    show_opened,
    show_with_tags,
)
from otklik.tickets.rest.shapes import PRIORITIES, KindName, PriorityName, TicketOut
from otklik.tickets.rest.tickets import router

Text = Annotated[str, Field(max_length=1_000_000)]
Short = Annotated[str, Field(max_length=300)]


class RequesterIn(Strict):
    id: int | None = None
    address: Short = ""
    name: Annotated[str, Field(max_length=200)] = Field("", description="Of an unknown address")


class TicketIn(Strict):
    subject: Short = ""
    text: Text = ""
    html: Text = ""
    requester: RequesterIn
    kind: KindName = "question"
    priority: PriorityName = "normal"
    team: int | None = None
    assignee: int | None = None
    category: int | None = None
    brand: int | None = None
    tags: list[Annotated[str, Field(max_length=60)]] = Field([], max_length=50)
    channel: str = Field("api", max_length=30, description="How it came: phone, visit, letter …")
    language: Annotated[str, Field(max_length=10)] = ""
    uploads: list[str] = Field([], max_length=50)
    fields: Values = Field({}, description="Custom fields by key")
    is_ours: bool = Field(False, description="We write to them first: the text is mailed to them")
    sends_copy: bool = Field(False, description="It is what they said; a copy is mailed to them")


@router.post("/tickets", response={201: TicketOut}, summary="Open a ticket for somebody")
@writes_once
def create(request: HttpRequest, data: TicketIn) -> Status[dict[str, Any]] | HttpResponse:
    actor = actor_of(request)
    require(actor, permissions.OPEN)
    if data.assignee is not None or data.team is not None:
        require(actor, permissions.ASSIGN)
    given = get_by_id(Brand, data.brand, "brand")
    words = written_by_hand(text=data.text, html=data.html, files=take_uploads(actor, data.uploads))
    team, assignee = get_team(data.team), get_agent(data.assignee)
    category = get_by_id(Category, data.category, "category")
    key = request.client_key  # type: ignore[attr-defined]
    is_plain = not (data.tags or data.fields)
    with write():
        requester, identity = _requester(data.requester)
        details: dict[str, Any] = {
            "subject": data.subject,
            "words": words,
            "identity": identity,
            "team": team,
            "assignee": assignee,
            "kind": data.kind,
            "priority": PRIORITIES[data.priority],
            "category": category,
            "language": data.language,
            "client_key": key,
        }
        if data.is_ours or data.sends_copy:
            is_plain = False
            ticket = start_ticket(
                actor,
                person=requester,
                channel="email" if data.is_ours else data.channel,
                brand=given,
                sends_copy=data.sends_copy,
                custom=data.fields,
                **details,
            )
        else:
            brand, account = (given, find_sending_account(given)) if given else _default_place()
            opened = open_ticket(
                actor,
                requester=requester,
                brand=brand,
                channel=data.channel,
                account=account,
                **details,
            )
            ticket = opened.ticket
            is_plain = is_plain and not opened.is_known
            fill_new(actor, ticket, data.fields)
        if data.tags:
            set_tags(actor, ticket, list(data.tags))
        if goes_along(request):
            show = partial(show_opened, request, ticket, is_plain=is_plain)
            return answer_along(request, TicketOut, lambda: (201, show()))
    return Status(201, show_with_tags(request, get_ticket(request, ticket.number)))


@briefly
def _default_place() -> tuple[Brand, Account | None]:
    brand = default_brand()
    return brand, find_sending_account(brand)


def _requester(given: RequesterIn) -> tuple[Person, Any]:
    if given.id is not None:
        person = get_by_id(Person, given.id, "requester.id")
        identities = person.identities.order_by("-is_primary", "id")
        if given.address:
            wanted = identities_of([given.address], "requester.address")[0]
            if wanted.person_id != person.pk:
                raise Invalid(
                    _("This address belongs to somebody else."),
                    fields={"requester.address": given.address},
                )
            return person, wanted
        return person, identities.first()
    if not given.address:
        raise Invalid(_("Say who asks."), fields={"requester": _("An id or an address is needed.")})
    (identity,) = identities_of([given.address], "requester.address", name=given.name)
    return identity.person, identity
