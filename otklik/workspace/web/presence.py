"""Who else is here: signs in the lists, the text of a colleague who writes at the same time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from otklik.core.access import Missing
from otklik.kit.html import sanitise_rich_text
from otklik.people.models import Person
from otklik.tickets.models import Draft
from otklik.workspace.queries.presence import NOTE, is_writing, list_signs
from otklik.workspace.queries.ticket_page import get_ticket
from otklik.workspace.web.shell import shell_context
from otklik.workspace.web.staff import actor_of, is_fragment, staff_view


@staff_view()
def signs(request: HttpRequest) -> HttpResponse:
    """For the script of the lists: who is in which ticket."""
    return render(request, "workspace/parts/here.html", {"signs": list_signs(actor_of(request))})


@staff_view()
def text(request: HttpRequest, number: int, person: int) -> HttpResponse:
    """What a colleague writes into this ticket just now, as last kept. Raises Missing for one who
    is not writing here: what somebody put aside is theirs alone."""
    actor = actor_of(request)
    ticket = get_ticket(actor, number)
    doing = is_writing(ticket.pk, person)
    if not doing:
        raise Missing(_("They are no longer writing here."))
    kind = "note" if doing == NOTE else "public"
    draft = Draft.objects.filter(ticket=ticket, author=person, kind=kind).first()
    html = sanitise_rich_text(draft.html) if draft is not None else ""
    context = {
        "ticket": ticket,
        "person": Person.objects.get(pk=person),
        "html": mark_safe(html),  # noqa: S308 - cleaned by the line above
        "draft": draft,
    }
    if is_fragment(request):
        return render(request, "workspace/parts/their_text.html", context)
    return render(request, "workspace/their_text.html", context | shell_context(request))
