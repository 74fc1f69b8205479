"""The default brand, without which nothing is."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import DatabaseError
from django.db.models import QuerySet

from otklik.core.access import SYSTEM
from otklik.core.db import write
from otklik.core.db.spelling import spelt_once
from otklik.core.settings import config
from otklik.desk.models import Brand, Calendar

logger = structlog.get_logger(__name__)

_WEEK = [["09:00-18:00"]] * 5 + [[], []]


def default_brand() -> Brand:
    """Raises Brand.DoesNotExist only in a database that was never migrated to the end."""
    for brand in _default():
        return brand
    raise Brand.DoesNotExist("there is no default brand")


@spelt_once
def _default() -> QuerySet[Brand]:
    return Brand.objects.select_related("calendar").filter(is_default=True)


def find_brand_for_host(host: str) -> Brand | None:
    """The brand whose portal lives at this host name."""
    if not host:
        return None
    return Brand.objects.select_related("calendar").filter(host=host.lower()).first()


def ensure_default_brand() -> Brand:
    """The default brand; made with office hours when there is none yet."""
    from otklik.desk.actions import create_brand, create_calendar

    found = Brand.objects.filter(is_default=True).first()
    if found is not None:
        return found
    calendar = Calendar.objects.first() or create_calendar(
        SYSTEM, name="09:00–18:00", time_zone=config().time_zone, week=_WEEK
    )
    return create_brand(SYSTEM, name="Otklik", calendar=calendar, language=config().language)


def ensure_after_migrate(**kwargs: Any) -> None:
    try:
        with write():
            ensure_default_brand()
    except DatabaseError as error:
        # A migration to an older state: the next complete one makes the brand.
        logger.warning("default_brand_not_made", reason=type(error).__name__)
