"""What tickets does by itself: statuses after a migration, closing by schedule, old uploads."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.db import DatabaseError
from django.db.models.signals import post_migrate

from otklik.core.db import write
from otklik.core.hooks.program import register_rebuild
from otklik.core.operations import register_undo
from otklik.tickets import erasing, exporting, live, permissions, purging, tasks
from otklik.tickets.doors import ensure_statuses
from otklik.tickets.undo import read_ticket_field, restore_ticket_field


def wire() -> None:
    permissions.register()
    tasks.wire()
    purging.register_settings()
    erasing.wire()
    exporting.wire()
    live.wire()
    register_rebuild("tickets", tasks.rebuild_tickets)
    register_undo("tickets.Ticket", restore_ticket_field, read=read_ticket_field)
    post_migrate.connect(
        _after_migrate, sender=apps.get_app_config("tickets"), dispatch_uid="tickets.statuses"
    )


def _after_migrate(**kwargs: Any) -> None:
    try:
        with write():
            ensure_statuses()
    except DatabaseError:
        # A migration to a state before the table: the next complete one adds the rows.
        return
