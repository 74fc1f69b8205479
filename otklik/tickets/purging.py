"""Tickets that go for good: out of the trash after its days, and as their brand keeps them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events.record import record
from otklik.core.jobs import every, task
from otklik.core.settings import get, register
from otklik.desk.models import Brand
from otklik.kit.months import months_before
from otklik.tickets import forgetting
from otklik.tickets.events import TicketFilesErased, TicketPurged, TicketTextsErased
from otklik.tickets.models import Ticket

TRASH_DAYS = "tickets.trash_days"
MAX_AT_ONCE = 1000  # the next run goes on where this one stopped
COUNTED = 10_000  # a preview counts no further

logger = structlog.get_logger(__name__)


def register_settings() -> None:
    register(
        TRASH_DAYS,
        int,
        30,
        _("Days in the trash"),
        help=_("Then a ticket is purged and nothing brings it back."),
        check=_check_days,
    )


def _check_days(value: int) -> None:
    if not 1 <= value <= 3650:
        raise ValueError(_("Between 1 and 3650 days."))


@dataclass(frozen=True, slots=True)
class Preview:
    """How many tickets of a brand each rule would touch now; at most `COUNTED` are counted."""

    files: int
    texts: int
    tickets: int


def preview_retention(
    brand: Brand,
    *,
    files_kept_months: int | None,
    texts_kept_months: int | None,
    tickets_kept_months: int | None,
) -> Preview:
    """What these months would do today. Reads only."""
    now = timezone.now()
    return Preview(
        files=_count(_old_files(brand, files_kept_months, now)),
        texts=_count(_old_texts(brand, texts_kept_months, now)),
        tickets=_count(_old_tickets(brand, tickets_kept_months, now)),
    )


@every(minutes=10)
@task(name="tickets.purge_trash", unique=True)
def purge_trash() -> None:
    """Purge what has been in the trash for as long as the setting says, and finish what a run
    that was stopped had begun."""
    cutoff = timezone.now() - timedelta(days=int(get(TRASH_DAYS)))
    begun = list(
        Ticket.objects.filter(trashed_at__isnull=False, purging_since__isnull=False)
        .order_by("trashed_at", "id")
        .values_list("pk", flat=True)[:MAX_AT_ONCE]
    )
    due = list(
        _not_held(Ticket.objects.filter(trashed_at__lte=cutoff, purging_since__isnull=True))
        .order_by("trashed_at", "id")
        .values_list("pk", flat=True)[:MAX_AT_ONCE]
    )
    for ticket_id in begun:
        forgetting.forget_ticket(ticket_id)
    purged = sum(_purge(ticket_id, "trash", Q(trashed_at__lte=cutoff)) for ticket_id in due)
    if begun or purged:
        logger.info("trash_purged", count=len(begun) + purged)


@every(minutes=10)
@task(name="tickets.keep_as_brands_say", unique=True)
def forget_by_retention() -> None:
    """Files, texts and whole tickets that were closed longer ago than their brand keeps them."""
    now = timezone.now()
    for brand in Brand.objects.all():
        _finish_purges(brand)
        tickets = _old_tickets(brand, brand.tickets_kept_months, now)
        texts = _old_texts(brand, brand.texts_kept_months, now)
        attached = _old_files(brand, brand.files_kept_months, now)
        done = {
            "tickets": sum(
                _purge(pk, "retention", Q(closed_at__isnull=False)) for pk in _some(tickets)
            ),
            "texts": sum(_forget_texts(pk) for pk in _some(texts)),
            "files": sum(_forget_files(pk) for pk in _some(attached)),
        }
        if any(done.values()):
            logger.info("retention_done", brand=brand.pk, **done)


def _finish_purges(brand: Brand) -> None:
    begun = Ticket.objects.filter(brand=brand, closed_at__isnull=False, purging_since__isnull=False)
    for pk in _some(begun):
        forgetting.forget_ticket(pk)


def _purge(ticket_id: int, reason: str, still: Q) -> bool:
    """Decide it under the ticket's lock, so that a restore or a hold in this moment wins or
    comes too late, and nothing in between."""
    with write():
        rows = _not_held(Ticket.objects.select_for_update(of=("self",)).filter(still))
        ticket = rows.filter(pk=ticket_id, purging_since__isnull=True).first()
        if ticket is None:
            return False
        Ticket.objects.filter(pk=ticket_id).update(purging_since=timezone.now())
        record(
            SYSTEM,
            TicketPurged(
                ticket_id=ticket_id,
                brand_id=ticket.brand_id,
                number=ticket.number,
                reason=reason,
            ),
        )
    forgetting.forget_ticket(ticket_id)
    return True


def _forget_texts(ticket_id: int) -> bool:
    if not _still_forgotten(ticket_id):
        return False
    forgetting.forget_texts_of(ticket_id)
    with write():
        record(SYSTEM, TicketTextsErased(ticket_id=ticket_id, reason="retention"))
    return True


def _forget_files(ticket_id: int) -> bool:
    if not _still_forgotten(ticket_id):
        return False
    forgetting.forget_files_of(ticket_id)
    with write():
        Ticket.objects.filter(pk=ticket_id).update(files_erased_at=timezone.now())
        record(SYSTEM, TicketFilesErased(ticket_id=ticket_id, reason="retention"))
    return True


def _still_forgotten(ticket_id: int) -> bool:
    """A run is long: a hold placed or a ticket reopened meanwhile stops it."""
    return _not_held(Ticket.objects.filter(pk=ticket_id, closed_at__isnull=False)).exists()


def _not_held(rows: QuerySet[Ticket]) -> QuerySet[Ticket]:
    """Neither it nor what was merged into it is kept. What was merged goes with its target."""
    held = Q(legal_hold_since__isnull=False) | Q(requester__legal_hold_since__isnull=False)
    merged = Ticket.objects.filter(held, merged_into=OuterRef("pk"))
    rows = rows.filter(legal_hold_since__isnull=True, requester__legal_hold_since__isnull=True)
    return rows.filter(~Exists(merged), merged_into__isnull=True)


def _closed_before(brand: Brand, months: int | None, now: datetime) -> QuerySet[Ticket]:
    if months is None:
        return Ticket.objects.none()
    rows = Ticket.objects.filter(brand=brand, closed_at__lte=months_before(now, months))
    return _not_held(rows.filter(purging_since__isnull=True))


def _old_tickets(brand: Brand, months: int | None, now: datetime) -> QuerySet[Ticket]:
    return _closed_before(brand, months, now)


def _old_texts(brand: Brand, months: int | None, now: datetime) -> QuerySet[Ticket]:
    return _closed_before(brand, months, now).filter(texts_erased_at__isnull=True)


def _old_files(brand: Brand, months: int | None, now: datetime) -> QuerySet[Ticket]:
    return _closed_before(brand, months, now).filter(files_erased_at__isnull=True)


def _some(rows: QuerySet[Ticket]) -> list[int]:
    return list(rows.order_by("closed_at", "id").values_list("pk", flat=True)[:MAX_AT_ONCE])


def _count(rows: QuerySet[Ticket]) -> int:
    return len(rows.order_by("closed_at", "id").values_list("pk", flat=True)[:COUNTED])
