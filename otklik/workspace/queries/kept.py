"""Views as the ticket room's lists name them."""

from __future__ import annotations

from django.utils.translation import gettext as _

from otklik.core.access import Actor, Missing
from otklik.core.vocabulary.language import read_query
from otklik.tickets.queries.kept import Kept, register_kept
from otklik.workspace.queries.views import find_view, open_view


def wire() -> None:
    register_kept(_find)


def _find(actor: Actor, pk: int) -> Kept:
    view = find_view(actor, pk) if actor.is_staff else None
    if view is None:
        raise Missing(_("There is no such view, or it is not yours to see."))
    opened = open_view(view)
    if opened.lost:
        return Kept(read_query("ticket", "number:-1").match)
    return Kept(opened.query.match, opened.query.words, view.sort)
