"""Whether what came in was understood, in words for an administrator."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from otklik.channels.queries import MAX_COUNT, list_quarantined
from otklik.core.hooks.health import HealthItem, State


def look_at_quarantine() -> HealthItem:
    waiting = list_quarantined().values("pk")[: MAX_COUNT + 1].count()
    if not waiting:
        return HealthItem(State.OK, _("Every message that came could be read"))
    detail = ngettext(
        "%(count)s message is kept whole and waits for a decision.",
        "%(count)s messages are kept whole and wait for a decision.",
        waiting,
    ) % {"count": f"{MAX_COUNT}+" if waiting > MAX_COUNT else waiting}
    return HealthItem(
        State.WARNING,
        _("Messages could not be read"),
        detail=detail,
        advice=_("Open them, read why, then try again or drop them."),
    )
