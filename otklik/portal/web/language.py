"""Choosing a language: remembered by a cookie, and with the person who has signed in."""

from __future__ import annotations

from django.http import HttpResponse

from otklik.core.web.language import choose
from otklik.people.actions import change_person
from otklik.portal.visit import Visit, portal_view


@portal_view("POST")
def language(visit: Visit) -> HttpResponse:
    wanted = visit.request.POST.get("language", "")
    # An agent's own choice is made in the agents' preferences.
    if visit.person is not None and not visit.is_agent_session and wanted in visit.brand.languages:
        change_person(visit.actor, visit.person, language=wanted)
    return choose(visit.request)
