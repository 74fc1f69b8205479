"""The company: its name, language and time zone; and the first page of the settings."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.access import Actor, Forbidden
from otklik.core.db import write
from otklik.core.settings import put
from otklik.desk.forms import CompanyForm
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of
from otklik.workspace.settings_screens.sections import may_open_settings
from otklik.workspace.settings_screens.wiring import CHANGE_SETTINGS


@require_safe
@open_to()
def index(request: HttpRequest) -> HttpResponse:
    """The sections on a phone; on a wide screen they stand beside the first of them."""
    actor = actor_of(request)
    if not may_open_settings(actor):
        raise Forbidden(_("The settings are for those who may change something there."))
    if not actor.can(CHANGE_SETTINGS):
        return render(request, "workspace/settings/index.html")
    here = reverse("settings_screens:company")
    context = {"form": CompanyForm(), "title": _("General"), "section_path": here}
    return render(request, "workspace/settings/index_company.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE_SETTINGS)
def company(request: HttpRequest) -> HttpResponseBase:
    form = CompanyForm(request.POST or None)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: put_all(actor_of(request), form.settings()))
    ):
        return done(request, reverse("settings_screens:company"), _("Saved"))
    context = {"form": form, "title": _("General")}
    return render(request, "workspace/settings/form.html", context, status=status_of(form))


def put_all(actor: Actor, values: dict[str, str]) -> None:
    """All of them or none."""
    with write():
        for key, value in values.items():
            put(actor, key, value)
