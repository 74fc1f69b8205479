"""Finding what an address names, as the one who asks may see it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _

from otklik.core.access import Invalid, Missing
from otklik.core.db.spelling import spelt_once
from otklik.core.rest.shapes import MAX_ID, actor_of, find_named
from otklik.people.actions import find_or_create_identity
from otklik.people.looks import REST_TICKET, note_look
from otklik.people.models import Agent, Identity, Organisation, Team
from otklik.tickets.checklists import find_progress, list_automatic
from otklik.tickets.homes import readable_by_customer, show_to_customer
from otklik.tickets.models import Message, Tag, Ticket, TicketTag
from otklik.tickets.queries.single import find_ticket, tags_of
from otklik.tickets.queries.unread import find_unread, may_be_unread
from otklik.tickets.querysets import sees_all
from otklik.tickets.rest.shapes import show_ticket


def get_ticket(request: HttpRequest, number: int) -> Ticket:
    """Raises Missing for none, a foreign and a forbidden one alike."""
    found = find_ticket(actor_of(request), number)
    if found is not None:
        if not actor_of(request).is_staff:
            show_to_customer(actor_of(request), [found])
        note_look(actor_of(request), found.requester_id, REST_TICKET, found.pk)
        return found
    raise Missing(_("There is no such ticket, or it is not yours to see."))


def get_message(request: HttpRequest, pk: int) -> Message:
    actor = actor_of(request)
    if 0 < pk <= MAX_ID:
        if actor.is_staff:
            rows = Message.objects.filter(ticket__in=Ticket.objects.visible_to(actor))
        else:
            rows = readable_by_customer(actor)
        rows = rows.filter(pk=pk).select_related("body__raw", "author", "author_identity", "ticket")
        found = rows.prefetch_related("attachments__blob").first()
        if found is not None:
            note_look(actor, found.ticket.requester_id, REST_TICKET, found.ticket_id)
            return found
    raise Missing(_("There is no such message, or it is not yours to see."))


def get_by_id(model: Any, pk: int | None, field: str) -> Any:
    return find_named(model.objects.all(), pk, field)


def get_agent(pk: int | None) -> Agent | None:
    found: Agent | None = get_by_id(Agent, pk, "assignee")
    return found


def get_team(pk: int | None) -> Team | None:
    found: Team | None = get_by_id(Team, pk, "team")
    return found


def identities_of(addresses: Iterable[str], field: str, *, name: str = "") -> list[Identity]:
    """Identities of typed e-mail addresses; unknown ones are made, unproven, as people of that
    ``name``."""
    found = []
    for address in addresses:
        try:
            found.append(find_or_create_identity("email", address, name))
        except (ValueError, Invalid) as error:
            raise Invalid(
                _("Some values make no sense."),
                fields={field: _("This is no e-mail address: %(value)s") % {"value": address}},
            ) from error
    return found


def show_with_tags(request: HttpRequest, ticket: Ticket) -> dict[str, Any]:
    tags = [tag.name for tag in tags_of(ticket.pk)]
    actor = actor_of(request)
    if not actor.is_staff:
        return show_ticket(ticket, tags, for_staff=False)
    return show_ticket(
        ticket,
        tags,
        for_staff=True,
        progress=find_progress([ticket.pk]).get(ticket.pk),
        is_unread=ticket.pk in find_unread(actor, [ticket]),
    )


def show_opened(request: HttpRequest, ticket: Ticket, *, is_plain: bool) -> dict[str, Any]:
    """The same of a ticket opened in this transaction; ``is_plain``: nothing was done to it since.
    What is in memory is not asked for again. Raises Missing for who may open and not see it."""
    actor = actor_of(request)
    if not (is_plain and actor.is_staff and sees_all(actor)) or list_automatic(ticket):
        return show_with_tags(request, get_ticket(request, ticket.number))
    note_look(actor, ticket.requester_id, REST_TICKET, ticket.pk)
    for organisation in _organisation(ticket.organisation_id) if ticket.organisation_id else ():
        ticket.organisation = organisation
    is_unread = actor.person_id is not None and may_be_unread(ticket)
    return show_ticket(ticket, [], for_staff=True, is_unread=is_unread)


@spelt_once
def _organisation(pk: int) -> QuerySet[Organisation]:
    return Organisation.objects.filter(pk=pk)


def tags_by_ticket(tickets: Iterable[Ticket]) -> dict[int, list[str]]:
    """Names of tags of a page of tickets in one query."""
    ids = [ticket.pk for ticket in tickets]
    names: dict[int, list[str]] = {pk: [] for pk in ids}
    rows = TicketTag.objects.filter(ticket_id__in=ids).values_list("ticket_id", "tag_id")
    known = dict(Tag.objects.filter(pk__in=[tag for _pk, tag in rows]).values_list("pk", "name"))
    for pk, tag in rows:
        if tag in known:
            names[pk].append(known[tag])
    return names
