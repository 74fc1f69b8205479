"""Whether what leaves the desk does leave, in words for an administrator."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.core.hooks.health import HealthItem, State
from otklik.core.outbox.queries import list_dead, list_uncertain, oldest_unsent

LATE = timedelta(minutes=15)
STUCK = timedelta(hours=4)


def look_at_outbox() -> list[HealthItem]:
    return [_unsent(), *_dead(), *_uncertain()]


def _unsent() -> HealthItem:
    oldest = oldest_unsent()
    waited = timezone.now() - oldest if oldest else timedelta()
    if waited < LATE:
        return HealthItem(State.OK, _("Replies leave as they are written"))
    minutes = round(waited.total_seconds() / 60)
    return HealthItem(
        State.FAILED if waited > STUCK else State.WARNING,
        _("Something waits to be sent"),
        detail=ngettext(
            "The oldest delivery has waited for %(count)d minute.",
            "The oldest delivery has waited for %(count)d minutes.",
            minutes,
        )
        % {"count": minutes},
        advice=_("Open the deliveries: each one says why it waits and when it is tried again."),
    )


def _dead() -> list[HealthItem]:
    dead = list_dead().count()
    if not dead:
        return []
    title = _("Deliveries were given up")
    detail = ngettext(
        "%(count)d delivery waits for a decision.",
        "%(count)d deliveries wait for a decision.",
        dead,
    ) % {"count": dead}
    return [HealthItem(State.WARNING, title, detail, _("Retry them or drop them."))]


def _uncertain() -> list[HealthItem]:
    uncertain = list_uncertain().count()
    if not uncertain:
        return []
    title = _("It is uncertain whether something was sent")
    detail = ngettext(
        "%(count)d delivery was interrupted while it was being sent.",
        "%(count)d deliveries were interrupted while they were being sent.",
        uncertain,
    ) % {"count": uncertain}
    advice = _("Ask the recipient or look at the mail server's log, then say which it was.")
    return [HealthItem(State.WARNING, title, detail, advice)]
