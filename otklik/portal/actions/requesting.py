"""A form becomes a ticket, the same way whoever filled it in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from otklik.channels.models import AccountRoute
from otklik.core.access import Actor, ActorKind, Forbidden
from otklik.core.db import action
from otklik.core.fields.asking import judge_opening
from otklik.desk.models import Account, Brand
from otklik.people.actions import find_or_create_identity
from otklik.people.models import Identity, Person
from otklik.people.queries import find_present
from otklik.portal.accounts import CHANNEL, find_web_account
from otklik.tickets.actions import open_ticket
from otklik.tickets.bodies import written_by_hand
from otklik.tickets.contract import StoredFile, Words
from otklik.tickets.custom import ticket_asked
from otklik.tickets.models import Ticket


@dataclass(frozen=True, slots=True)
class Asked:
    """What the form says, checked; files are stored already. ``key`` is the same for the same
    sending."""

    subject: str
    text: str
    key: UUID
    name: str = ""
    email: str = ""
    files: Sequence[StoredFile] = ()
    language: str = ""
    fields: Mapping[str, Any] = field(default_factory=dict)  # as given, by key


def open_request(brand: Brand, asked: Asked, person: Person | None = None) -> Ticket:
    """Open a ticket for ``person``, or for whoever typed ``asked.email``: their address stays as
    unproven as it was. The same key twice is one ticket. Raises Forbidden for a blocked person,
    Missing and Invalid for fields as `core.fields.asking.judge_opening` does.
    """
    words = written_by_hand(text=asked.text, files=asked.files, subject=asked.subject)
    return _open(brand, asked, words, person)


def request_of(brand: Brand, person: Person | None) -> Ticket:
    """What a form for one who has signed in, or for a stranger, is about; not saved."""
    return _request_of(brand, person, find_web_account(brand))


def find_writing_identity(person: Person) -> Identity | None:
    """The address by which somebody who has signed in asks: a proven one, the primary first."""
    mine = Identity.objects.proving_for(person.pk).filter(kind="email", is_automated=False)
    proven = mine.filter(verified_at__isnull=False)
    return (proven if proven.exists() else mine).order_by("-is_primary", "id").first()


def spell_sender(identity: Identity | None) -> dict[str, object]:
    """The sender as messages keep them for showing."""
    if identity is None:
        return {}
    return {"from": {"address": identity.value, "name": identity.person.name}}


@action
def _open(brand: Brand, asked: Asked, words: Words, person: Person | None) -> Ticket:
    identity: Identity | None
    account = find_web_account(brand)
    like = _request_of(brand, person, account)
    if person is None:
        identity = find_or_create_identity(
            "email", asked.email, asked.name, language=asked.language
        )
        person = identity.person
    else:
        identity = find_writing_identity(person)
        person = find_present(person)
    if person.is_blocked:
        raise Forbidden(_("Requests from this address are not taken in."))
    if account is None:
        raise Forbidden(_("This form is switched off. Write us an e-mail."))
    actor = Actor(kind=ActorKind.CUSTOMER, id=person.pk, person_id=person.pk, name=person.name)
    opened = open_ticket(
        actor,
        subject=asked.subject,
        words=replace(words, addresses=spell_sender(identity)),
        requester=person,
        identity=identity,
        brand=brand,
        channel=CHANNEL,
        account=account,
        team=like.team,
        language=asked.language,
        client_key=asked.key,
        custom=judge_opening(actor, like, asked.fields),
    )
    return opened.ticket


def _request_of(brand: Brand, person: Person | None, account: Account | None) -> Ticket:
    routes = AccountRoute.objects.filter(account=account).select_related("team")
    route = routes.first() if account is not None else None
    return ticket_asked(
        brand,
        find_present(person) if person is not None else None,
        channel=CHANNEL,
        team=route.team if route else None,
    )
