"""What a restored desk needs before it may serve: the time since the backup is unknown to it.

Each step may be repeated; all of them are while the database is still marked as incoming.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from otklik.core import settings
from otklik.core.access import SYSTEM, Origin
from otklik.core.db import write
from otklik.core.events.quieting import quiet_unheard
from otklik.core.events.registry import find_listener
from otklik.core.hooks.program import list_after_restore
from otklik.core.jobs.models import Job, Schedule
from otklik.core.outbox.holding import hold_waiting
from otklik.core.settings import secrets
from otklik.core.settings.sealed import find_unreadable
from otklik.project.keeping.loading import put_sequence, read_sequence
from otklik.project.keeping.tables import Table
from otklik.project.preparing import KEY_PROBE
from otklik.tickets.models.ticket import NumberSequence

RESTORED = "keeping.restored"
LAST_BACKUP = "keeping.last_backup"
# Numbers and ids that were given out after the backup stand in letters and links of people.
NUMBER_GAP = 1_000
ID_GAP = 100_000


def settle(
    tables: list[Table], about: dict[str, Any], *, sends_waiting: bool, say: Callable[[str], None]
) -> None:
    """Everything, with a line for the operator where there is something to know."""
    made_at = datetime.fromisoformat(about["made_at"])
    skip_numbers(tables)
    say(
        f"Ticket numbers go on {NUMBER_GAP:,} further: those given out after the backup stand in "
        "people's letters and are not given again."
    )
    _settle_keys(say)
    held = 0
    if not sends_waiting:
        held = hold_waiting(
            _("The desk was restored from a backup of %(time)s; it may have been sent since.")
            % {"time": f"{made_at:%Y-%m-%d %H:%M} UTC"}
        )
        if held:
            say(
                f"{held:,} deliveries waited when the backup was made. They may have left since, "
                "so they are not sent: each message asks whether to send it again."
            )
    quieted = quiet_unheard(_heard_by_jobs())
    if quieted:
        say(
            f"{quieted:,} events are heard again as a replay: nobody is written to because of them."
        )
    _move_schedules_on()
    for name, replay in list_after_restore():
        line = replay()
        if line:
            say(f"{name}: {line}")
    settings.put(
        SYSTEM,
        RESTORED,
        {"at": timezone.now().isoformat(), "made_at": about["made_at"], "held": held},
    )


def skip_numbers(tables: list[Table]) -> None:
    """Leave a gap behind every number and id that the backup knows."""
    with write():
        for row in NumberSequence.objects.select_for_update():
            row.last += NUMBER_GAP
            row.save(update_fields=["last"])
    for table in tables:
        if table.has_sequence:
            put_sequence(table, read_sequence(table, "default") + ID_GAP)


def _settle_keys(say: Callable[[str], None]) -> None:
    """Bind the database to the key file that is here, and name what it does not open."""
    try:
        settings.get(KEY_PROBE)
    except secrets.SecretError:
        settings.put(SYSTEM, KEY_PROBE, "otklik")
        say("The key file is not the one of the backup. Links that were sent do not work any more.")
    for each in find_unreadable():
        say(f"Not readable without the old key file, enter again: {each.count} in {each.model}.")


def _heard_by_jobs() -> set[int]:
    """Events whose hearing goes on as a job, where a replay would not have been heard."""
    found: set[int] = set()
    done: list[int] = []
    for job in Job.objects.filter(name="events.handle", dead_at__isnull=True).iterator():
        listener = find_listener_of(job)
        if listener is not None and Origin.REPLAY in listener.origins:
            continue
        found.add(int(job.arguments["event_id"]))
        done.append(job.pk)
    for start in range(0, len(done), 100):
        with write():
            Job.objects.filter(pk__in=done[start : start + 100]).delete()
    return found


def find_listener_of(job: Job) -> Any:
    from otklik.core.events.models import EventRow

    row = EventRow.objects.filter(pk=job.arguments.get("event_id")).first()
    return find_listener(row.name, job.arguments.get("listener", "")) if row else None


def _move_schedules_on() -> None:
    """What was due in the meantime is not made up for."""
    from otklik.core.jobs.task import list_schedules

    now = timezone.now()
    declared = list_schedules()
    for row in Schedule.objects.filter(next_run_at__lt=now):
        if row.name in declared:
            with write():
                Schedule.objects.filter(pk=row.pk).update(
                    next_run_at=declared[row.name][1].next_after(now)
                )
