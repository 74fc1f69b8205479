"""Removing rows that are long done, a few at a time.

What a living ticket's timeline is made of stays as long as the ticket. Everything else that is
old has been heard or sent, and nobody points to it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from otklik.core import settings
from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.events.models import EventRow
from otklik.core.outbox.models import FINAL, Delivery, DeliveryRecipient, Status
from otklik.tickets.models import Ticket

EVENTS_DAYS = "keeping.events_days"
DELIVERIES_DAYS = "keeping.deliveries_days"
EXAMINED = "keeping.events_examined"

_BATCH = 10
_PAGE = 500
# Tickets go later than their events were looked at: the search begins anew now and then.
_ANEW_AFTER = timedelta(days=7)


def register() -> None:
    settings.register(
        EVENTS_DAYS,
        int,
        730,
        _("Days after which events that belong to no ticket are removed; 0: never"),
        check=_is_long_enough,
    )
    settings.register(
        DELIVERIES_DAYS,
        int,
        180,
        _("Days after which deliveries that are done are removed; 0: never"),
        check=_is_long_enough,
    )
    settings.register(EXAMINED, dict, {}, "How far old events were looked through")


def prune_events(until: float) -> int:
    """Old events that were heard and whose ticket is gone or never was. Returns how many."""
    cutoff = _cutoff(EVENTS_DAYS)
    if cutoff is None:
        return 0
    place = settings.get(EXAMINED)
    now = timezone.now()
    if place and place["is_through"]:
        if now - datetime.fromisoformat(place["began"]) < _ANEW_AFTER:
            return 0
        place = {}
    after, began, is_through = place.get("after", 0), place.get("began", now.isoformat()), False
    removed = 0
    while not is_through and time.monotonic() < until:
        page = list(
            EventRow.objects.filter(pk__gt=after, recorded_at__lt=cutoff)
            .order_by("pk")
            .values_list("pk", flat=True)[:_PAGE]
        )
        is_through = len(page) < _PAGE
        if page:
            removed += _remove(_of_no_ticket(page), EventRow.objects.all(), lambda ids: None)
            after = page[-1]
    settings.put(SYSTEM, EXAMINED, {"after": after, "began": began, "is_through": is_through})
    return removed


def prune_deliveries(until: float) -> int:
    """Old deliveries that were sent, dropped or refused for good. Returns how many."""
    cutoff = _cutoff(DELIVERIES_DAYS)
    if cutoff is None:
        return 0
    removed = 0
    for status in sorted({*FINAL, Status.FAILED}):
        rows = Delivery.objects.filter(status=status, dead_at=None, created_at__lt=cutoff)
        while time.monotonic() < until:
            page = list(rows.order_by("pk").values_list("pk", flat=True)[:_PAGE])
            removed += _remove(page, rows, _remove_recipients)
            if len(page) < _PAGE:
                break
    return removed


def prune_sessions(until: float) -> int:
    """Sessions that have run out."""
    rows = Session.objects.filter(expire_date__lt=timezone.now())
    removed = 0
    while time.monotonic() < until:
        page = list(rows.values_list("pk", flat=True)[:_PAGE])
        removed += _remove(page, rows, lambda ids: None)
        if len(page) < _PAGE:
            break
    return removed


def _of_no_ticket(page: Collection[int]) -> list[int]:
    living = Ticket._base_manager.filter(pk=OuterRef("ticket_id"))
    rows = EventRow.objects.filter(pk__in=page, dispatched_at__isnull=False)
    gone = rows.filter(Q(ticket_id__isnull=True) | ~Exists(living))
    return list(gone.values_list("pk", flat=True))


def _remove(
    ids: Collection[Any], rows: QuerySet[Any], before: Callable[[Collection[Any]], object]
) -> int:
    removed = 0
    ids = list(ids)
    for start in range(0, len(ids), _BATCH):
        batch = ids[start : start + _BATCH]
        with write():
            # Asked again inside: what was brought back to life in between stays.
            still = list(rows.filter(pk__in=batch).values_list("pk", flat=True))
            before(still)
            removed += rows.model._base_manager.filter(pk__in=still)._raw_delete(rows.db) or 0
    return removed


def _remove_recipients(delivery_ids: Collection[Any]) -> None:
    found = DeliveryRecipient.objects.filter(delivery_id__in=delivery_ids)
    found._raw_delete(found.db)


def _cutoff(key: str) -> datetime | None:
    days = int(settings.get(key))
    return timezone.now() - timedelta(days=days) if days else None


def _is_long_enough(days: int) -> None:
    if days and days < 30:
        raise ValueError(gettext("Enter 30 days or more, or 0."))
