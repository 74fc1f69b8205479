"""The person beside a ticket: who they are at a glance; what is not always needed comes when it
is opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from otklik.core.access import SYSTEM, Actor
from otklik.core.db.spelling import spelt_once
from otklik.core.db.together import Ahead
from otklik.people import policy
from otklik.people.models import CustomerNote, Identity, Organisation, Person
from otklik.tickets.models import Ticket
from otklik.tickets.queries import Filters, count_bounded, list_tickets
from otklik.tickets.querysets import sees_all
from otklik.workspace.queries import choices, marks
from otklik.workspace.queries.beside import find_beside
from otklik.workspace.queries.navigation import spell_count

_EARLIER = 5  # tickets of the same person named beside this one
_PINNED = 3


@dataclass(frozen=True, slots=True)
class EarlierTicket:
    url: str
    subject: str
    mark: SafeString
    at: Any


@dataclass(frozen=True, slots=True)
class PersonCard:
    """``more_url`` and ``talk_url`` are empty for who may not see people."""

    person: Person
    name: str
    url: str
    identities: list[Identity]
    organisation: Organisation | None
    organisation_url: str
    manager: str
    their_time: str
    is_vip: bool
    pinned: list[CustomerNote]
    earlier: list[EarlierTicket]
    earlier_count: str
    earlier_url: str
    more_url: str
    talk_url: str


def get_person_card(actor: Actor, ticket: Ticket) -> PersonCard:
    person = ticket.requester
    identities = _addresses(person.pk)
    if sees_all(actor):
        earlier = _earlier_of_all(person.pk, ticket.pk)
    else:
        earlier = list(_earlier(actor, person.pk, ticket.pk))
    count = len(earlier)
    if count > _EARLIER:
        count = count_bounded(list_tickets(actor, Filters(list="any", requester=person.pk))) - 1
    organisation = organisation_of(person, ticket)
    may_see = policy.can_see_people(actor)
    return PersonCard(
        person=person,
        name=person.name or (str(identities[0]) if identities else _("No name")),
        url=reverse("people_screens:person", args=[person.pk]),
        identities=identities,
        organisation=organisation,
        organisation_url=(
            reverse("people_screens:organisation", args=[organisation.pk]) if organisation else ""
        ),
        manager=manager_of(actor, person, organisation),
        their_time=their_time(person.time_zone),
        is_vip=person.is_vip or (organisation is not None and organisation.is_vip),
        pinned=_pinned(person.pk) if may_see and find_beside(actor, ticket).has_notes else [],
        earlier=[
            EarlierTicket(
                url=reverse("workspace:ticket", args=[row.number]),
                subject=row.subject,
                mark=marks.status_mark(row.status),
                at=row.created_at,
            )
            for row in earlier[:_EARLIER]
        ],
        earlier_count=spell_count(count),
        earlier_url=f"{reverse('workspace:inbox')}?list=any&requester={person.pk}",
        more_url=reverse("people_screens:panel", args=[person.pk]) if may_see else "",
        talk_url=reverse("people_screens:talk", args=[person.pk]) if may_see else "",
    )


def ask_ahead(ahead: Ahead, asked: Iterable[tuple[Actor, Ticket]]) -> None:
    """For `get_person_card`; what is narrowed to what one may see is asked for each."""
    pairs = list(asked)
    ahead.ask(_addresses, [(ticket.requester_id,) for _actor, ticket in pairs])
    of_all = [(ticket.requester_id, ticket.pk) for actor, ticket in pairs if sees_all(actor)]
    ahead.ask(_earlier_of_all, of_all)


def organisation_of(person: Person, ticket: Ticket | None = None) -> Organisation | None:
    """Theirs now, without a question where the ticket has brought it along."""
    if person.organisation_id is None:
        return ticket.organisation if ticket is not None else None
    if ticket is not None and ticket.organisation_id == person.organisation_id:
        return ticket.organisation
    return person.organisation


def manager_of(actor: Actor, person: Person, organisation: Organisation | None) -> str:
    """The name of who looks after them, their organisation's when they have none of their own."""
    inherited = organisation.account_manager_id if organisation else None
    wanted = person.account_manager_id or inherited
    return manager_name(actor, wanted)


def their_time(zone: str) -> str:
    """What the clock shows there now, as 23:40; "" for no zone."""
    try:
        return f"{timezone.localtime(timezone=ZoneInfo(zone)):%H:%M}" if zone else ""
    except (KeyError, ValueError, OSError):
        return ""


def manager_name(actor: Actor, agent_id: int | None) -> str:
    """ "" for none, and for somebody who does not work here any more."""
    if agent_id is None:
        return ""
    return next((str(name) for pk, name in choices.agent_choices(actor) if pk == agent_id), "")


def _earlier(actor: Actor, person_id: int, ticket_id: int) -> QuerySet[Ticket]:
    theirs = list_tickets(actor, Filters(list="any", requester=person_id))
    others = theirs.exclude(pk=ticket_id).select_related("status").order_by("-id")
    shown = ("number", "subject", "created_at", "status__kind", "status__code", "status__labels")
    return others.only(*shown)[: _EARLIER + 1]


@spelt_once
def _earlier_of_all(person_id: int, ticket_id: int) -> QuerySet[Ticket]:
    return _earlier(SYSTEM, person_id, ticket_id)


@spelt_once
def _addresses(person_id: int) -> QuerySet[Identity]:
    return Identity.objects.filter(person=person_id).order_by("-is_primary", "pk")[:8]


@spelt_once
def _pinned(person_id: int) -> QuerySet[CustomerNote]:
    rows = CustomerNote.objects.filter(
        person=person_id, pinned_at__isnull=False, removed_at__isnull=True
    )
    return rows.select_related("author").order_by("-pinned_at")[:_PINNED]
