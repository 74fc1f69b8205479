"""The event row: timeline, audit trail and outbox of facts in one."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.utils import timezone

from otklik.core.access import Actor, ActorKind, Origin
from otklik.core.events.registry import COLUMN_FIELDS, find_type


class EventRow(models.Model):
    """What happened. Rows are only added; ``dispatched_at`` is the only thing that changes.

    ``data`` holds ids and codes, never texts or addresses, so that erasing a person needs no
    change here. No foreign key points in or out.
    """

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=80)
    version = models.PositiveSmallIntegerField(default=1)
    occurred_at = models.DateTimeField(default=timezone.now)
    recorded_at = models.DateTimeField(default=timezone.now)
    actor_kind = models.CharField(max_length=12)
    actor_id = models.BigIntegerField(null=True)
    on_behalf_of = models.BigIntegerField(null=True)
    ticket_id = models.BigIntegerField(null=True)
    person_id = models.BigIntegerField(null=True)
    brand_id = models.BigIntegerField(null=True)
    cause_id = models.BigIntegerField(null=True)
    depth = models.PositiveSmallIntegerField(default=0)
    operation_id = models.BigIntegerField(null=True)
    origin = models.CharField(max_length=8, default=Origin.LIVE)
    audience = models.CharField(max_length=12, default="staff")
    data = models.JSONField(default=dict)
    dispatched_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    lease = models.CharField(max_length=36, default="", blank=True)

    class Meta:
        verbose_name = "event"
        indexes = [
            models.Index(fields=["ticket_id", "id"], name="events_by_ticket"),
            models.Index(
                fields=["person_id", "id"],
                name="events_by_person",
                condition=models.Q(person_id__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="events_undispatched",
                condition=models.Q(dispatched_at__isnull=True),
            ),
            models.Index(
                fields=["leased_until"],
                name="events_leased",
                condition=models.Q(dispatched_at__isnull=True, leased_until__isnull=False),
            ),
            models.Index(
                fields=["operation_id"],
                name="events_by_operation",
                condition=models.Q(operation_id__isnull=False),
            ),
            models.Index(fields=["name", "id"], name="events_by_name"),
        ]

    def __str__(self) -> str:
        return f"{self.name} #{self.pk}"

    @property
    def event(self) -> Any:
        """The dataclass again. Fields a newer version added take their defaults.

        Raises LookupError when no room that is installed declares this event.
        """
        found = find_type(self.name)
        if found is None:
            raise LookupError(f"no room declares the event {self.name!r}")
        known = found.model.__dataclass_fields__  # type: ignore[attr-defined]
        values = {key: value for key, value in self.data.items() if key in known}
        values |= {key: getattr(self, key) for key in COLUMN_FIELDS if key in known}
        return found.model(**values)

    @property
    def as_cause(self) -> Actor:
        """The desk, acting in answer to this event and from the same origin."""
        return Actor(
            kind=ActorKind.SYSTEM,
            scopes=frozenset({"public", "staff"}),
            origin=Origin(self.origin),
            cause=self.pk,
            depth=self.depth + 1,
            operation=self.operation_id,
        )
