"""Every brand has an account of kind ``web``: the way in through its forms."""

from __future__ import annotations

from typing import Any

import structlog
from django.apps import apps
from django.db import DatabaseError
from django.db.models.signals import post_migrate

from otklik.core.db import write
from otklik.core.events import ANY_ORIGIN, on
from otklik.core.events.models import EventRow
from otklik.core.hooks.program import register_init
from otklik.desk.events import BrandCreated
from otklik.desk.models import Brand
from otklik.portal.accounts import ensure_web_account

logger = structlog.get_logger(__name__)


def wire() -> None:
    on(BrandCreated, name="portal.web_account", in_transaction=True, origins=ANY_ORIGIN)(furnish)
    register_init("portal.web_accounts", ensure_web_accounts)
    post_migrate.connect(
        _after_migrate, sender=apps.get_app_config("portal"), dispatch_uid="portal.web_accounts"
    )


def furnish(row: EventRow) -> None:
    created: BrandCreated = row.event
    ensure_web_account(Brand.objects.get(pk=created.brand_id))


def ensure_web_accounts() -> None:
    """For brands from before this room, too. Repeatable."""
    for brand in Brand.objects.all():
        with write():
            ensure_web_account(brand)


def _after_migrate(**kwargs: Any) -> None:
    try:
        ensure_web_accounts()
    except DatabaseError as error:
        # A migration to an older state: the next complete one makes them.
        logger.warning("web_accounts_not_made", reason=type(error).__name__)
