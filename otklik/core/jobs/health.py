"""Whether background work gets done, in words for an administrator."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.hooks.health import HealthItem, State
from otklik.core.jobs.queries import count_dead, oldest_due

LATE = timedelta(minutes=2)
STUCK = timedelta(minutes=15)


def look_at_jobs() -> list[HealthItem]:
    return [_waiting(), _dead()]


def _waiting() -> HealthItem:
    oldest = oldest_due()
    waited = timezone.now() - oldest if oldest else timedelta()
    if waited < LATE:
        return HealthItem(State.OK, _("Background work is up to date"))
    minutes = round(waited.total_seconds() / 60)
    return HealthItem(
        State.FAILED if waited > STUCK else State.WARNING,
        _("Background work is late"),
        detail=ngettext(
            "The oldest piece should have started %(count)d minute ago.",
            "The oldest piece should have started %(count)d minutes ago.",
            minutes,
        )
        % {"count": minutes},
        advice=_(
            "Check that the worker process runs and has time; long imports end by themselves."
        ),
    )


def _dead() -> HealthItem:
    dead = count_dead()
    if not dead:
        return HealthItem(State.OK, _("No background work has failed for good"))
    return HealthItem(
        State.WARNING,
        _("Background work has failed for good"),
        detail=ngettext(
            "%(count)d piece of work waits for a decision.",
            "%(count)d pieces of work wait for a decision.",
            dead,
        )
        % {"count": dead},
        advice=_("Open the failed work, read why, then retry or drop it."),
    )
