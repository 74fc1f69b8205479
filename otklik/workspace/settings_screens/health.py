"""How the desk fares, in plain words, and where to do something about it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from otklik.core.hooks.health import HealthItem, State, collect
from otklik.workspace.settings_screens.doors import open_to
from otklik.workspace.settings_screens.wiring import OPERATE

_MARKS: dict[State, tuple[str, str | Promise]] = {
    State.FAILED: ("late", gettext_lazy("Trouble")),
    State.WARNING: ("dots", gettext_lazy("Needs a look")),
    State.OK: ("tick", gettext_lazy("Well")),
    State.OFF: ("dash", gettext_lazy("Switched off")),
}
# Where a look's items are dealt with: look name → url name; the rooms below know no addresses.
_PLACES = {
    "jobs": "settings_screens:failed_jobs",
    "outbox": "settings_screens:deliveries",
    "quarantine": "settings_screens:quarantine",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One item as the page shows it."""

    mark: str
    state: str
    title: str
    detail: str
    advice: str
    link: str


@require_safe
@open_to(*OPERATE)
def health(request: HttpRequest) -> HttpResponse:
    items = collect()
    trouble = [item for item in items if item.state in (State.FAILED, State.WARNING)]
    calm = [item for item in items if item.state not in (State.FAILED, State.WARNING)]
    context = {
        "trouble": [_line(item) for item in trouble],
        "calm": [_line(item) for item in calm],
        "at": timezone.now(),
        "title": _("Health of the desk"),
    }
    return render(request, "workspace/settings/health.html", context)


def _line(item: HealthItem) -> Line:
    mark, words = _MARKS[item.state]
    return Line(
        mark=mark,
        state=str(words),
        title=str(item.title),
        detail=str(item.detail),
        advice=str(item.advice),
        link=item.link or _place(item),
    )


def _place(item: HealthItem) -> str:
    name = _PLACES.get(item.name, "")
    return reverse(name) if name and item.state is not State.OK else ""
