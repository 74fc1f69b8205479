"""What agents begin: a ticket for who called, came by, wrote a letter, or whom we write to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Forbidden, Invalid
from otklik.core.db import action
from otklik.core.events.record import record
from otklik.desk.accounts import brand_of, find_sending_account
from otklik.desk.models import Brand
from otklik.people.models import Agent, Identity, Person, Team
from otklik.people.queries import primary_identity
from otklik.tickets import permissions
from otklik.tickets.actions.opening import open_ticket
from otklik.tickets.actions.writing import reply_to_ticket
from otklik.tickets.contract import Recipients, Words
from otklik.tickets.custom import fill_new
from otklik.tickets.events import TicketReplied
from otklik.tickets.models import (
    Category,
    DeliveryState,
    Direction,
    Kind,
    Message,
    Priority,
    Ticket,
)
from otklik.tickets.reviewing import demand_approval


@action
def start_ticket(
    actor: Actor,
    *,
    person: Person,
    channel: str,
    subject: str,
    words: Words,
    kind: str = Kind.QUESTION,
    priority: int = Priority.NORMAL,
    category: Category | None = None,
    team: Team | None = None,
    assignee: Agent | None = None,
    identity: Identity | None = None,
    brand: Brand | None = None,
    language: str = "",
    sends_copy: bool = False,
    custom: Mapping[str, Any] | None = None,
    client_key: UUID | None = None,
) -> Ticket:
    """Register what somebody asked aloud, or write to them first (channel ``email``).

    ``sends_copy`` mails the text to them as our confirmation. ``identity`` is which of their
    addresses, the first by default; ``brand`` that of the desk's own mailbox. Raises Forbidden,
    and Invalid when a mail is wanted and there is no address to send it to.
    """
    if not actor.can(permissions.OPEN):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))
    known = Ticket.objects.filter(client_key=client_key).first() if client_key else None
    if known is not None:
        return known
    identity = identity or primary_identity(person)
    is_ours = channel == "email"
    if (is_ours or sends_copy) and identity is None:
        raise Invalid(
            _("There is no address to send it to."),
            fields={"person": _("This person has no e-mail address.")},
        )
    if is_ours or sends_copy:
        demand_approval(actor, None)
    if is_ours and not actor.can(permissions.REPLY):
        raise Forbidden(_("Your role does not allow this. An administrator can change that."))
    account = find_sending_account(brand)
    me = Person.objects.filter(pk=actor.person_id or 0).first()
    opened = open_ticket(
        actor,
        subject=subject,
        words=words,
        requester=person,
        identity=identity,
        brand=brand or brand_of(account),
        channel=channel,
        account=account,
        team=team,
        assignee=assignee,
        kind=kind,
        priority=priority,
        category=category,
        language=language,
        author=me if is_ours else None,
        author_kind="agent" if is_ours else "customer",
        direction=Direction.OUT if is_ours else Direction.IN,
        automation="",
        client_key=client_key,
    )
    fill_new(actor, opened.ticket, custom or {})
    if identity is None:
        return opened.ticket
    recipients = Recipients(to=[identity])
    if is_ours:
        Message.objects.filter(pk=opened.message.pk).update(delivery_state=DeliveryState.QUEUED)
        record(
            actor,
            TicketReplied(
                ticket_id=opened.ticket.pk,
                message_id=opened.message.pk,
                thread_id=opened.thread.pk,
                recipients=recipients.ids(),
            ),
        )
    elif sends_copy:
        reply_to_ticket(actor, opened.ticket, words=words, recipients=recipients)
    return opened.ticket
