"""Whether what happened is being told on, in words for an administrator."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.events.dispatcher import oldest_undispatched
from otklik.core.hooks.health import HealthItem, State

LATE = timedelta(seconds=30)
STUCK = timedelta(minutes=5)


def look_at_events() -> HealthItem:
    oldest = oldest_undispatched()
    waited = timezone.now() - oldest if oldest else timedelta()
    if waited < LATE:
        return HealthItem(State.OK, _("Events are handled as they happen"))
    minutes = max(1, round(waited.total_seconds() / 60))
    return HealthItem(
        State.FAILED if waited > STUCK else State.WARNING,
        _("Events wait to be handled"),
        detail=ngettext(
            "The oldest one has waited for %(count)d minute.",
            "The oldest one has waited for %(count)d minutes.",
            minutes,
        )
        % {"count": minutes},
        advice=_("Check that the worker process runs; its log says what it is busy with."),
    )
