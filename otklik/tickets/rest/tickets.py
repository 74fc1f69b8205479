"""`/tickets`: list, get, create, change, trash."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Query, Router, Status
from pydantic import Field

from otklik.core.access import Invalid
from otklik.core.db import write
from otklik.core.rest.audience import for_everybody
from otklik.core.rest.shapes import Strict, actor_of
from otklik.people.models import Person
from otklik.tickets.actions import (
    assign_ticket,
    change_many,
    change_status,
    change_ticket,
    follow_ticket,
    lift_ticket_hold,
    mark_as_spam,
    place_ticket_hold,
    restore_ticket,
    set_tags,
    transfer_ticket,
    trash_ticket,
    unfollow_ticket,
    unmark_spam,
)
from otklik.tickets.checklists import find_progress
from otklik.tickets.doors import require_version
from otklik.tickets.models import Ticket
from otklik.tickets.queries import SORTS, get_page, read_filters
from otklik.tickets.queries.kept import within
from otklik.tickets.queries.unread import find_unread
from otklik.tickets.rest.found import (
    get_agent,
    get_by_id,
    get_team,
    get_ticket,
    show_with_tags,
    tags_by_ticket,
)
from otklik.tickets.rest.shapes import (
    PRIORITIES,
    DespiteIn,
    KindName,
    PriorityName,
    StatusCode,
    TicketOut,
    TicketPage,
    show_ticket,
)

router = Router(tags=["tickets"])
# By them a customer could guess who works on a ticket and how it is labelled.
_FOR_STAFF = ("query", "team", "assignee", "tag")

Text = Annotated[str, Field(max_length=1_000_000)]
Short = Annotated[str, Field(max_length=300)]


class TicketQuery(Strict):
    list: str = Field(
        "any",
        description="any, all, mine, unassigned, team, snoozed, followed, solved, spam, trash",
    )
    q: str = Field("", max_length=300, description="Words to search for")
    query: str = Field(
        "", max_length=1000, description='`status:open team:me priority>=high updated<2d "printer"`'
    )
    view: int | None = Field(
        None, description="A view's id: only what it finds, in its order; narrowed by the rest"
    )
    status: str = Field("", description="One or several, separated by commas")
    kind: str = ""
    priority: str = Field("", description="low, normal, high, urgent; several by commas")
    assignee: str = Field("", description="Agent ids; 0 is nobody")
    team: str = ""
    tag: str = ""
    category: str = ""
    brand: str = ""
    channel: str = ""
    requester: str = Field("", description="A person's id")
    organisation: str = ""
    updated_since: str = Field("", description="ISO 8601")
    created_since: str = ""
    sort: str = Field("", description="newest, oldest, created, updated, priority, solved")
    cursor: str = ""
    limit: int = Field(50, ge=1, le=100)


class TicketChange(DespiteIn):
    """Only what is given changes. ``version`` refuses a change of a ticket that moved on."""

    subject: Short | None = None
    status: StatusCode | None = None
    kind: KindName | None = None
    priority: PriorityName | None = None
    category: int | None = None
    language: Annotated[str, Field(max_length=10)] | None = None
    assignee: int | None = None
    team: int | None = None
    reason: Annotated[str, Field(max_length=4000)] = ""
    tags: list[Annotated[str, Field(max_length=60)]] | None = Field(None, max_length=50)
    is_spam: bool | None = None
    version: int | None = None


class BulkIn(Strict):
    tickets: list[int] = Field(..., min_length=1, max_length=1000, description="Numbers")
    change: TicketChange


class BulkOut(Strict):
    operation: int | None
    changed: int
    failures: dict[str, str]


@router.get("/tickets", response=TicketPage, summary="List and search tickets")
@for_everybody
def list_all(request: HttpRequest, query: Query[TicketQuery]) -> dict[str, Any]:
    given = query.dict()
    given["priority"] = ",".join(
        str(PRIORITIES.get(name, name)) for name in query.priority.split(",") if name
    )
    filters = read_filters(given, default_list="any")
    if query.sort and query.sort not in SORTS:
        raise Invalid(_("There is no such order."), fields={"sort": ", ".join(SORTS)})
    actor, sort = actor_of(request), query.sort
    if not actor.is_staff and (asked := [name for name in _FOR_STAFF if given[name]]):
        raise Invalid(
            _("These filters make no sense: %(names)s") % {"names": ", ".join(asked)},
            fields=dict.fromkeys(asked, "for staff"),
        )
    if query.view is not None:
        filters, kept_sort = within(actor, filters, query.view)
        sort = sort or kept_sort
    page = get_page(
        actor,
        filters,
        sort=SORTS.get(sort),
        cursor=query.cursor,
        size=query.limit,
    )
    tags = tags_by_ticket(page.tickets)
    progress = find_progress(ticket.pk for ticket in page.tickets) if actor.is_staff else {}
    unread = find_unread(actor, page.tickets) if actor.is_staff else ()
    items = [
        show_ticket(
            ticket,
            tags[ticket.pk],
            for_staff=actor.is_staff,
            progress=progress.get(ticket.pk),
            is_unread=ticket.pk in unread,
        )
        for ticket in page.tickets
    ]
    return {
        "items": items,
        "next": page.next,
        "is_cut": page.is_cut,
        "looked_at": page.looked_at,
    }


@router.get("/tickets/{int:number}", response=TicketOut, summary="One ticket")
@for_everybody
def get(request: HttpRequest, number: int) -> dict[str, Any]:
    return show_with_tags(request, get_ticket(request, number))


@router.patch("/tickets/{int:number}", response=TicketOut, summary="Change a ticket")
def change(request: HttpRequest, number: int, data: TicketChange) -> dict[str, Any]:
    ticket = get_ticket(request, number)
    with write():
        require_version(Ticket.objects.select_for_update().get(pk=ticket.pk), data.version)
        _apply(request, ticket, data)
    return show_with_tags(request, get_ticket(request, number))


@router.delete("/tickets/{int:number}", response={204: None}, summary="Put a ticket in the trash")
def trash(request: HttpRequest, number: int) -> Status[None]:
    trash_ticket(actor_of(request), get_ticket(request, number))
    return Status(204, None)


@router.put("/tickets/{int:number}/legal-hold", response={204: None}, summary="Keep for a court")
def hold(request: HttpRequest, number: int) -> Status[None]:
    """While it stands, neither trash, nor clocks, nor an erasure touches the ticket."""
    place_ticket_hold(actor_of(request), get_ticket(request, number))
    return Status(204, None)


@router.delete("/tickets/{int:number}/legal-hold", response={204: None}, summary="Keep no longer")
def lift(request: HttpRequest, number: int) -> Status[None]:
    lift_ticket_hold(actor_of(request), get_ticket(request, number))
    return Status(204, None)


@router.post("/tickets/{int:number}/restoration", response=TicketOut, summary="Restore a ticket")
def restore(request: HttpRequest, number: int) -> dict[str, Any]:
    restore_ticket(actor_of(request), get_ticket(request, number))
    return show_with_tags(request, get_ticket(request, number))


@router.put("/tickets/{int:number}/spam", response=TicketOut, summary="Call a ticket spam")
def call_spam(request: HttpRequest, number: int) -> dict[str, Any]:
    """It goes to the list of spam; nothing is deleted, and the desk learns from it."""
    mark_as_spam(actor_of(request), get_ticket(request, number))
    return show_with_tags(request, get_ticket(request, number))


@router.delete("/tickets/{int:number}/spam", response=TicketOut, summary="It is no spam")
def call_no_spam(request: HttpRequest, number: int) -> dict[str, Any]:
    unmark_spam(actor_of(request), get_ticket(request, number))
    return show_with_tags(request, get_ticket(request, number))


@router.put("/tickets/{int:number}/following", response={204: None}, summary="Follow a ticket")
def follow(request: HttpRequest, number: int) -> Status[None]:
    actor = actor_of(request)
    person = get_by_id(Person, actor.person_id, "person")
    follow_ticket(actor, get_ticket(request, number), person)
    return Status(204, None)


@router.delete(
    "/tickets/{int:number}/following", response={204: None}, summary="Stop following a ticket"
)
def unfollow(request: HttpRequest, number: int) -> Status[None]:
    actor = actor_of(request)
    person = get_by_id(Person, actor.person_id, "person")
    unfollow_ticket(actor, get_ticket(request, number), person)
    return Status(204, None)


@router.post("/tickets/changes", response=BulkOut, summary="Change many tickets at once")
def change_all(request: HttpRequest, data: BulkIn) -> dict[str, Any]:
    actor = actor_of(request)
    numbers = [number for number in data.tickets if 0 < number < 2**63]
    rows = Ticket.objects.visible_to(actor).filter(number__in=numbers)
    known = dict(rows.values_list("number", "pk"))
    report = change_many(
        actor,
        list(known.values()),
        lambda within, ticket: _apply_as(within, ticket, data.change),
        name="tickets.bulk",
    )
    failures = {str(number): reason for number, reason in report.failures.items()}
    failures |= {
        str(number): _("There is no such ticket.") for number in data.tickets if number not in known
    }
    return {"operation": report.operation_id, "changed": report.changed, "failures": failures}


def _apply(request: HttpRequest, ticket: Ticket, data: TicketChange) -> None:
    _apply_as(actor_of(request), ticket, data)


def _apply_as(actor: Any, ticket: Ticket, data: TicketChange) -> None:
    given = data.model_fields_set
    values: dict[str, Any] = {
        name: getattr(data, name)
        for name in ("subject", "kind", "language")
        if name in given and getattr(data, name) is not None
    }
    if "priority" in given and data.priority is not None:
        values["priority"] = PRIORITIES[data.priority]
    if "category" in given:
        values["category_id"] = data.category
    if values:
        change_ticket(actor, ticket, values)
    if "team" in given:
        transfer_ticket(actor, ticket, get_team(data.team), reason=data.reason)
    if "assignee" in given:
        assign_ticket(actor, ticket, get_agent(data.assignee))
    if "tags" in given and data.tags is not None:
        set_tags(actor, ticket, list(data.tags))
    if data.is_spam is not None:
        (mark_as_spam if data.is_spam else unmark_spam)(actor, ticket)
    if "status" in given and data.status is not None:
        change_status(
            actor,
            ticket,
            data.status,
            despite=data.despite,
        )
