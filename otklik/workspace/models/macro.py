"""Macros: effects that are started by hand, several at once, on one ticket or many."""

from __future__ import annotations

from otklik.workspace.models.offered import Offered


class Macro(Offered):
    """``steps``: [{"effect": "ticket.tag", "params": {"tag": "heating"}}], carried out in order."""

    class Meta(Offered.Meta):
        verbose_name = "macro"
