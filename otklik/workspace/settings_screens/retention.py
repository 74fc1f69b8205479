"""How long what is kept: the trash, looks, and closed tickets of each brand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from otklik.core.settings import get_many
from otklik.desk.actions import change_brand
from otklik.desk.models import Brand
from otklik.desk.permissions import MANAGE
from otklik.people.looks import KEPT_MONTHS
from otklik.tickets.purging import COUNTED, TRASH_DAYS, Preview, preview_retention
from otklik.workspace.settings_screens.company import put_all
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

CHANGE_SETTINGS = "settings.change"
FIELDS = ("files_kept_months", "texts_kept_months", "tickets_kept_months")


class KeepingForm(forms.Form):
    trash_days = forms.IntegerField(
        label=gettext_lazy("Days in the trash"),
        help_text=gettext_lazy("Then a ticket is purged and nothing brings it back."),
        min_value=1,
        max_value=3650,
    )
    looks_months = forms.IntegerField(
        label=gettext_lazy("Months for which looks at people are kept"),
        help_text=gettext_lazy("Who opened what is known of a person, and when."),
        min_value=1,
        max_value=600,
    )


class RetentionForm(forms.Form):
    files_kept_months = forms.IntegerField(
        label=gettext_lazy("Erase files after"),
        help_text=gettext_lazy("Months after closing. Original letters go with them."),
        min_value=1,
        max_value=600,
        required=False,
    )
    texts_kept_months = forms.IntegerField(
        label=gettext_lazy("Erase all texts and files after"),
        help_text=gettext_lazy("Months. Number, times and status stay."),
        min_value=1,
        max_value=600,
        required=False,
    )
    tickets_kept_months = forms.IntegerField(
        label=gettext_lazy("Erase whole tickets after"),
        help_text=gettext_lazy("Months. They are no longer in any number."),
        min_value=1,
        max_value=600,
        required=False,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE, CHANGE_SETTINGS)
def index(request: HttpRequest) -> HttpResponseBase:
    actor = actor_of(request)
    stored = get_many(TRASH_DAYS, KEPT_MONTHS)
    may_change = actor.can(CHANGE_SETTINGS)
    form = KeepingForm(
        request.POST or None,
        initial={"trash_days": stored[TRASH_DAYS], "looks_months": stored[KEPT_MONTHS]},
    )
    if request.method == "POST" and form.is_valid():
        values = {
            TRASH_DAYS: form.cleaned_data["trash_days"],
            KEPT_MONTHS: form.cleaned_data["looks_months"],
        }
        if saved(form, lambda: put_all(actor, values)):
            return done(request, reverse("settings_screens:retention"), _("Saved"))
    context = {
        "form": form,
        "may_change": may_change,
        "brands": Brand.objects.visible_to(actor) if actor.can(MANAGE) else [],
        "title": _("Keeping and erasing"),
    }
    return render(request, "workspace/settings/retention.html", context, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(MANAGE)
def brand(request: HttpRequest, brand_id: int) -> HttpResponseBase:
    actor = actor_of(request)
    found = get_object_or_404(Brand.objects.visible_to(actor), pk=brand_id)
    stored = {name: getattr(found, name) for name in FIELDS}
    form = RetentionForm(request.POST or None, initial=stored)
    if (
        request.method == "POST"
        and form.is_valid()
        and saved(form, lambda: change_brand(actor, found, **form.cleaned_data))
    ):
        return done(request, reverse("settings_screens:retention"), _("Saved"))
    context: dict[str, Any] = {
        "form": form,
        "brand": found,
        "counted": COUNTED,
        "preview": preview_retention(found, **stored),
        "title": found.name,
        "crumb": _("Keeping and erasing"),
        "crumb_url": reverse("settings_screens:retention"),
    }
    return render(
        request, "workspace/settings/brand_retention.html", context, status=status_of(form)
    )


@require_safe
@open_to(MANAGE)
def preview(request: HttpRequest, brand_id: int) -> HttpResponse:
    """The fragment that counts for the months typed so far."""
    found = get_object_or_404(Brand.objects.visible_to(actor_of(request)), pk=brand_id)
    form = RetentionForm(request.GET)
    counts: Preview | None = None
    if form.is_valid():
        counts = preview_retention(found, **form.cleaned_data)
    context = {"preview": counts, "counted": COUNTED}
    return render(request, "workspace/settings/retention_preview.html", context)
