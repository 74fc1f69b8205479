"""Which checks look over a reply before it leaves."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from otklik.core.db import write
from otklik.core.settings import get_many, put
from otklik.workspace.proofreading import CHECKS, PREFIX
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

CHANGE_SETTINGS = "settings.change"


class ChecksForm(forms.Form):
    """One switch for each check."""

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        present = get_many(*(f"{PREFIX}{code}" for code in CHECKS))
        for code, label in CHECKS.items():
            self.fields[code] = forms.BooleanField(
                label=str(label), required=False, initial=present[f"{PREFIX}{code}"]
            )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(CHANGE_SETTINGS)
def checks(request: HttpRequest) -> HttpResponseBase:
    actor, form = actor_of(request), ChecksForm()
    if request.method == "POST":
        form = ChecksForm(request.POST)
        if form.is_valid():

            def act() -> None:
                with write():
                    for code in CHECKS:
                        put(actor, f"{PREFIX}{code}", form.cleaned_data[code])

            if saved(form, act):
                return done(request, reverse("settings_screens:checks"), _("Saved"))
    context = {"form": form, "title": _("Before a reply leaves")}
    return render(request, "workspace/settings/reply_checks.html", context, status=status_of(form))
