"""What the pages of people show, computed before the template."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from otklik.core.access import Actor
from otklik.desk.texts import list_languages
from otklik.people import policy
from otklik.people.models import Identity, Person, VerifiedHow
from otklik.tickets.models import StatusKind, Ticket
from otklik.tickets.queries import Filters, count_bounded, get_page, list_tickets
from otklik.tickets.queries.lists import MAX_COUNT
from otklik.ui.marks import status_mark
from otklik.workspace.queries.trust import trouble_words

SHAPES = {
    StatusKind.NEW: "disc-hole",
    StatusKind.OPEN: "half",
    StatusKind.PENDING: "dots",
    StatusKind.ON_HOLD: "bars",
    StatusKind.SOLVED: "tick",
    StatusKind.CLOSED: "dash",
}
PAGE = 20


@dataclass(frozen=True, slots=True)
class IdentityLine:
    """One address: whether and how it is proven, and what may be done with it."""

    id: int
    kind: str
    address: str
    is_primary: bool
    is_verified: bool
    how: str
    at: datetime | None
    may_vouch: bool
    may_prefer: bool
    trouble: str = ""  # why letters do not arrive there
    trouble_at: datetime | None = None
    trouble_detail: str = ""
    may_forget: bool = False


@dataclass(frozen=True, slots=True)
class TicketLine:
    number: int
    subject: str
    url: str
    status: SafeString
    requester: str
    at: datetime


@dataclass(frozen=True, slots=True)
class TicketLines:
    """Newest first; ``count`` is bounded words."""

    rows: list[TicketLine]
    count: str
    next: str
    previous: str


def identity_lines(actor: Actor, person: Person) -> list[IdentityLine]:
    rows = sorted(person.identities.all(), key=lambda row: (row.kind, not row.is_primary, row.pk))
    may_change = policy.can_change_people(actor)
    return [
        IdentityLine(
            id=row.pk,
            kind=row.kind,
            address=str(row),
            is_primary=row.is_primary,
            is_verified=row.is_verified,
            how=_how(row),
            at=row.verified_at if row.is_verified else None,
            may_vouch=not row.is_verified
            and policy.can_verify_identity(actor, row, VerifiedHow.STAFF),
            may_prefer=may_change and not row.is_primary,
            trouble=trouble_words(row),
            trouble_at=row.trouble_at,
            trouble_detail=row.trouble_detail,
            may_forget=may_change and bool(row.trouble),
        )
        for row in rows
    ]


def person_facts(person: Person) -> list[tuple[str, str]]:
    """(label, words) of what is known; empty ones are left out."""
    languages = dict(list_languages())
    facts = [
        (_("Position"), person.job_title),
        (_("Language"), languages.get(person.language, person.language)),
        (_("Time there"), _local_time(person.time_zone)),
    ]
    return [(label, words) for label, words in facts if words]


def tickets_of(actor: Actor, cursor: str, **whose: int) -> TicketLines:
    """Of a ``requester`` or an ``organisation``. Raises Invalid for a damaged cursor."""
    filters = Filters(list="any", **whose)  # type: ignore[arg-type]
    page = get_page(actor, filters, cursor=cursor, size=PAGE)
    count = count_bounded(list_tickets(actor, filters))
    return TicketLines(
        rows=[_ticket_line(ticket) for ticket in page.tickets],
        count=f"{MAX_COUNT}+" if count > MAX_COUNT else str(count),
        next=page.next,
        previous=page.previous,
    )


def _ticket_line(ticket: Ticket) -> TicketLine:
    label = ticket.status.label((get_language() or "").partition("-")[0])
    return TicketLine(
        number=ticket.number,
        subject=ticket.subject or _("(no subject)"),
        url=f"/tickets/{ticket.number}/",
        status=status_mark(SHAPES[StatusKind(ticket.status_kind)], label),
        requester=str(ticket.requester),
        at=ticket.last_message_at,
    )


def _how(identity: Identity) -> str:
    if identity.is_automated:
        return _("A machine writes from here; it is never answered")
    if not identity.is_verified:
        return _("Not confirmed: anybody can write such an address")
    return {
        VerifiedHow.LINK: _("Confirmed by a link that was opened there"),
        VerifiedHow.MAIL_AUTH: _("Confirmed by the sender's mail server"),
        VerifiedHow.STAFF: _("An administrator vouches for it"),
        VerifiedHow.IMPORT: _("Confirmed before it was imported"),
        VerifiedHow.CHANNEL: _("Confirmed by the channel itself"),
    }.get(VerifiedHow(identity.verified_how), "")


def _local_time(zone: str) -> str:
    if not zone:
        return ""
    now = timezone.localtime(timezone=ZoneInfo(zone))
    # The offset says the same in every language; names of zones are English.
    offset = f"{now:%z}"
    minutes = "" if offset.endswith("00") else f":{offset[3:5]}"
    return f"{now:%H:%M}, UTC{offset[0]}{int(offset[1:3])}{minutes}"
