"""Who else is in a ticket, wherever a template has the ticket."""

from __future__ import annotations

from typing import Any

from django import template

from otklik.tickets.models import Ticket
from otklik.workspace.queries.presence import MOST_SHOWN, get_collision, list_companions

register = template.Library()


@register.inclusion_tag("workspace/parts/presence.html", takes_context=True)
def presence(context: dict[str, Any], ticket: Ticket) -> dict[str, Any]:
    """``{% presence ticket %}``: small portraits in the ticket's head."""
    found = list_companions(context["request"].actor, ticket.pk)
    return {
        "ticket": ticket,
        "companions": found[:MOST_SHOWN],
        "more": max(0, len(found) - MOST_SHOWN),
    }


@register.inclusion_tag("workspace/parts/collision.html", takes_context=True)
def collision(
    context: dict[str, Any], ticket: Ticket, *, elsewhere: bool = False
) -> dict[str, Any]:
    """``{% collision ticket %}``: above the composer, who writes at the same time. The page's own
    arrival makes it ask anew, then with ``elsewhere=True``."""
    request = context["request"]
    return {
        "ticket": ticket,
        "collision": get_collision(request.actor, ticket, looks_elsewhere=elsewhere),
    }
