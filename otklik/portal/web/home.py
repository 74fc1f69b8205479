"""The first page: what one can do here."""

from __future__ import annotations

from django.http import HttpResponse

from otklik.portal.queries import latest_requests
from otklik.portal.slots import list_home_sections
from otklik.portal.visit import Visit, portal_view


@portal_view()
def home(visit: Visit) -> HttpResponse:
    rows = latest_requests(visit.actor) if visit.person else []
    sections = []
    for section in list_home_sections():
        context = section.context(visit)
        if context is not None:
            sections.append({"template": section.template, **context})
    return visit.show("portal/home.html", {"rows": rows, "sections": sections})
