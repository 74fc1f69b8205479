"""What administrators see on the health page, in plain words, and what ``/readyz`` asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

import structlog
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

logger = structlog.get_logger(__name__)


class State(StrEnum):
    """Ordered from calm to late; ``off`` is what is switched off on purpose."""

    OK = "ok"
    OFF = "off"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class HealthItem:
    """One line: what is true, since when or how much, what to do, where (a path or "")."""

    state: State
    title: str | Promise
    detail: str | Promise = ""
    advice: str | Promise = ""
    link: str = ""
    name: str = ""


Look = Callable[[], "HealthItem | list[HealthItem]"]

_looks: dict[str, Look] = {}


def register_health(name: str, look: Look) -> None:
    """Add a look at something. It must be quick (bounded queries) and may return several items."""
    _looks[name] = look


def collect() -> list[HealthItem]:
    """Every item, the worst first. A look that fails is itself an item, never an error page."""
    found: list[HealthItem] = []
    for name, look in _looks.items():
        try:
            seen = look()
        except Exception:
            logger.exception("health_look_failed", look=name)
            seen = HealthItem(
                State.FAILED,
                _("This could not be looked at"),
                detail=name,
                advice=_("The log says why."),
            )
        items = seen if isinstance(seen, list) else [seen]
        found.extend(replace(each, name=name) for each in items)
    order = {State.FAILED: 0, State.WARNING: 1, State.OK: 2, State.OFF: 3}
    return sorted(found, key=lambda item: order[item.state])
