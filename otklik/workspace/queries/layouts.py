"""How a list is shown: layout, grouping, columns; each by a code in an address or a view."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

LAYOUTS: dict[str, str | Promise] = {
    "": _("List beside the ticket"),
    "full": _("List, tickets on their own page"),
    "table": _("Table"),
    "board": _("Board by status"),
    "people": _("Board by assignee"),
    "month": _("Calendar by due date"),
}
GROUPINGS: dict[str, str | Promise] = {
    "": _("No groups"),
    "status": _("Status"),
    "priority": _("Priority"),
    "assignee": _("Assignee"),
    "team": _("Team"),
    "due": _("Due"),
    "customer": pgettext_lazy("of a ticket", "Customer"),
}
COLUMNS: dict[str, str | Promise] = {
    "number": _("Number"),
    "subject": _("Subject"),
    "customer": pgettext_lazy("of a ticket", "Customer"),
    "organisation": _("Organisation"),
    "status": _("Status"),
    "priority": _("Priority"),
    "assignee": _("Assignee"),
    "team": _("Team"),
    "category": _("Category"),
    "kind": _("Kind"),
    "brand": _("Brand"),
    "channel": _("Channel"),
    "created": _("Opened"),
    "last": _("Last message"),
    "updated": _("Changed"),
    "due": _("Due"),
    "messages": pgettext_lazy("column", "Messages"),
}
USUAL_COLUMNS = ("number", "subject", "customer", "status", "priority", "assignee", "last")


@dataclass(frozen=True, slots=True)
class Layout:
    """``layout`` is "" for the list, "table", "board", "people" or "month"."""

    layout: str = ""
    grouping: str = ""
    columns: tuple[str, ...] = ()

    @property
    def shown_columns(self) -> tuple[str, ...]:
        return self.columns or USUAL_COLUMNS

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """As an address says it."""
        found = [("layout", self.layout), ("group", self.grouping)]
        found.append(("columns", ",".join(self.columns)))
        return [(name, value) for name, value in found if value]


def read_layout(given: Mapping[str, Any], usual: Layout) -> Layout:
    """From an address; what it does not say is as usual, what nobody knows is left out."""
    layout, grouping, columns = usual.layout, usual.grouping, usual.columns
    if "layout" in given:
        asked = str(given.get("layout") or "")
        layout = asked if asked in LAYOUTS else ""
    if "group" in given:
        asked = str(given.get("group") or "")
        grouping = asked if asked in GROUPINGS else ""
    if "columns" in given:
        columns = known_columns(str(given.get("columns") or "").split(","))
    return Layout(layout, grouping, columns)


def known_columns(names: Iterable[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for name in names if name in COLUMNS))
