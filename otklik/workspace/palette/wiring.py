"""What the agents' shell itself is found by: tickets, people, lists, settings, acts."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from otklik.workspace.palette import acts, finding
from otklik.workspace.palette.sources import Source, register_source


def wire() -> None:
    for source in (
        Source("tickets", "tickets", _("Tickets"), finding.tickets, 10),
        Source("people", "people", _("People and organisations"), finding.people, 20, limit=8),
        Source("views", "views", _("Lists"), finding.lists, 40),
        Source("settings", "settings", _("Settings"), finding.settings, 50),
        Source("help", "settings", _("Help"), finding.topics, 55, limit=3),
        Source("acts", "acts", _("Acts"), acts.on_ticket, 60, limit=8, titled=acts.title),
        Source("new", "acts", _("Something new"), acts.new, 70, creates=True),
    ):
        register_source(source)
