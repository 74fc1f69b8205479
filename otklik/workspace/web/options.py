"""What pickers offer while one types."""

from __future__ import annotations

from collections.abc import Sequence

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from otklik.kit.text import sort_key
from otklik.people.models import Identity
from otklik.people.queries import find_persons
from otklik.tickets.models import Tag
from otklik.tickets.twins import find_near
from otklik.workspace.web.staff import actor_of, staff_view

_MOST = 12


@staff_view()
def people(request: HttpRequest) -> HttpResponse:
    rows = find_persons(actor_of(request), _asked(request), limit=_MOST)
    options = [(row.id, row.name or row.address, row.address, row.organisation) for row in rows]
    return _shown(request, options)


@staff_view()
def addresses(request: HttpRequest) -> HttpResponse:
    """E-mail addresses of people, for To and Cc."""
    asked = _asked(request)
    people_found = [row.id for row in find_persons(actor_of(request), asked, limit=_MOST)]
    rows = Identity.objects.visible_to(actor_of(request)).filter(kind="email")
    rows = rows.filter(person_id__in=people_found).select_related("person")[:_MOST]
    options = [(row.value, row.person.name or row.value, row.value, "") for row in rows]
    return _shown(request, options)


@staff_view()
def tags(request: HttpRequest) -> HttpResponse:
    rows = Tag.objects.filter(key__startswith=sort_key(_asked(request), 60))[:_MOST]
    near = [] if rows else find_near(_asked(request))
    meant = _("Did you mean this?")
    options = [(row.name, row.name, row.hint_now(), "") for row in rows]
    options += [(row.name, row.name, meant, row.hint_now()) for row in near]
    return _shown(request, options)


def _asked(request: HttpRequest) -> str:
    return request.GET.get("q", "").strip()[:200]


def _shown(request: HttpRequest, options: Sequence[tuple[object, str, str, str]]) -> HttpResponse:
    return render(request, "workspace/parts/options.html", {"options": options})
