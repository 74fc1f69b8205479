"""Who opened what is known of whom: noted in memory by the page, written down beside it.

A page that is read takes no turn at the write gate. It leaves its look in a buffer of the process;
a thread of the process that serves pages writes the buffer every few seconds, in one insert. The
same one at the same person within some minutes is one look. A process that is killed loses what
its buffer held: some seconds.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from otklik.core.access import Actor, ActorKind
from otklik.core.db import write
from otklik.core.db.connections import tidy_connections
from otklik.core.settings import get, register
from otklik.people.models import Look

PERSON_PAGE = "person"
TICKET_PAGE = "ticket"
REST_PERSON = "rest.person"
REST_TICKET = "rest.ticket"
EXPORT = "export"
PLACES: dict[str, str | Promise] = {
    PERSON_PAGE: _("Person's page"),
    TICKET_PAGE: _("Ticket page"),
    REST_PERSON: _("Person by API"),
    REST_TICKET: _("Ticket by API"),
    EXPORT: _("Export of their data"),
}

KEPT_MONTHS = "people.looks_kept_months"
ONE_LOOK = timedelta(minutes=10)
WRITTEN_EVERY = 5.0  # seconds
MOST_WAITING = 20_000  # looks; more than a busy front makes while a database is away
_REMEMBERED = 10_000

logger = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Noted:
    person_id: int
    viewer_kind: str
    viewer_id: int | None
    place: str
    ticket_id: int | None
    at: datetime


class Looks:
    """The buffer of one process; safe between its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Noted] = []
        self._last: OrderedDict[tuple[int, str, int | None, int | None], datetime] = OrderedDict()

    def note(
        self, actor: Actor, person_id: int | None, place: str, ticket_id: int | None = None
    ) -> None:
        """Remember that staff looked; quick, and never fails for the page. One's own is none."""
        if person_id is None or not actor.is_staff or actor.kind is ActorKind.SYSTEM:
            return
        if actor.person_id == person_id:
            return
        now = timezone.now()
        key = (person_id, actor.kind.value, actor.person_id, ticket_id)
        with self._lock:
            before = self._last.get(key)
            if before is not None and now - before < ONE_LOOK:
                return
            if len(self._waiting) >= MOST_WAITING:
                logger.error("looks_lost", reason="the buffer is full")
                return
            self._last[key] = now
            self._last.move_to_end(key)
            while len(self._last) > _REMEMBERED:
                self._last.popitem(last=False)
            self._waiting.append(
                _Noted(person_id, actor.kind.value, actor.person_id, place, ticket_id, now)
            )

    def flush(self) -> int:
        """Write down what waits; returns how many. What cannot be written waits on."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        if not taken:
            return 0
        try:
            with write():
                Look.objects.bulk_create(
                    [
                        Look(
                            person_id=each.person_id,
                            viewer_kind=each.viewer_kind,
                            viewer_id=each.viewer_id,
                            place=each.place,
                            ticket_id=each.ticket_id,
                            at=each.at,
                        )
                        for each in taken
                    ],
                    batch_size=500,
                )
        except Exception:
            with self._lock:
                self._waiting = (taken + self._waiting)[:MOST_WAITING]
            raise
        return len(taken)

    def forget(self) -> None:
        """Begin anew, as a process does."""
        with self._lock:
            self._waiting.clear()
            self._last.clear()


looks = Looks()
note_look = looks.note


def write_looks(stop: threading.Event) -> None:
    """The service of the process that serves pages: writes every few seconds, and at the end."""
    while not stop.wait(WRITTEN_EVERY):
        _attempt()
    _attempt()


def _attempt() -> None:
    try:
        with tidy_connections():
            looks.flush()
    except Exception:
        logger.exception("looks_not_written")


def register_settings() -> None:
    register(
        KEPT_MONTHS,
        int,
        12,
        _("Months for which looks at people are kept"),
        help=_("Who opened what is known of a person, and when."),
        check=_check_months,
    )


def prune_looks(step: int = 500) -> int:
    """Drop what is older than the setting says, in small steps; returns how many."""
    from otklik.kit.months import months_before

    cutoff = months_before(timezone.now(), int(get(KEPT_MONTHS)))
    dropped = 0
    while ids := list(Look.objects.filter(at__lt=cutoff).values_list("pk", flat=True)[:step]):
        with write():
            dropped += Look.objects.filter(pk__in=ids).delete()[0]
    return dropped


def _check_months(value: int) -> None:
    if not 1 <= value <= 600:
        raise ValueError(_("Between 1 and 600 months."))
