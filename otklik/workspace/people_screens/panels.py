"""What other parts of the workspace add to the customer panel, such as custom fields.

A panel is a piece of HTML about one person, beside a ticket and on the person's page::

    register_panel(Panel("fields", render_fields, order=40))
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest
from django.utils.safestring import SafeString

from otklik.people.models import Person


@dataclass(frozen=True, slots=True)
class Panel:
    """``render(request, person)`` gives a ``<section>`` or ""."""

    name: str
    render: Callable[[HttpRequest, Person], SafeString | str]
    order: int = 100


_panels: dict[str, Panel] = {}


def register_panel(panel: Panel) -> None:
    _panels[panel.name] = panel


def render_panels(request: HttpRequest, person: Person) -> list[SafeString | str]:
    ordered = sorted(_panels.values(), key=lambda each: (each.order, each.name))
    return [html for each in ordered if (html := each.render(request, person))]
