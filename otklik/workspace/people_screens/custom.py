"""Custom fields of people and organisations."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from otklik.core.access import ActionError, Missing
from otklik.people.models import Organisation
from otklik.people.permissions import CHANGE
from otklik.workspace.people_screens.panel import act_in_panel
from otklik.workspace.people_screens.persons import find_person_or_404
from otklik.workspace.queries.custom import change_value
from otklik.workspace.settings_screens.doors import actor_of, done, open_to
from otklik.workspace.web.staff import is_fragment


@require_POST
@open_to(CHANGE)
def person_value(request: HttpRequest, person_id: int, key: str) -> HttpResponseBase:
    person = find_person_or_404(request, person_id)
    if is_fragment(request):  # in the panel beside a ticket
        return act_in_panel(
            request,
            person,
            lambda: change_value(request, actor_of(request), person, key),
            _("Saved"),
            focus=("field", 0),
        )
    return _change(request, person, key, reverse("people_screens:person", args=[person.pk]))


@require_POST
@open_to(CHANGE)
def organisation_value(request: HttpRequest, organisation_id: int, key: str) -> HttpResponseBase:
    rows = Organisation.objects.visible_to(actor_of(request))
    found: Organisation | None = rows.filter(pk=organisation_id).first()
    if found is None:
        raise Http404
    url = reverse("people_screens:organisation", args=[found.pk])
    return _change(request, found, key, url)


def _change(request: HttpRequest, owner: Any, key: str, url: str) -> HttpResponseBase:
    try:
        change_value(request, actor_of(request), owner, key)
    except Missing:
        raise
    except ActionError as refused:
        return done(request, url, str(refused))
    return done(request, url, _("Saved"))
