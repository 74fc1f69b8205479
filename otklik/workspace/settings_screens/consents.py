"""Kinds of consent that the company asks for."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from otklik.desk.texts import list_languages
from otklik.people.actions import change_consent_kind, create_consent_kind
from otklik.people.models import ConsentKind
from otklik.people.permissions import SET_UP
from otklik.workspace.settings_screens.doors import actor_of, done, open_to, saved, status_of

# What most companies begin with; a press adds them.
_USUAL = (
    ("processing", gettext_lazy("Processing of personal data")),
    ("marketing", gettext_lazy("News and offers")),
    ("recordings", gettext_lazy("Recording of calls")),
)


class ConsentKindForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name"), max_length=100)
    is_active = forms.BooleanField(
        label=gettext_lazy("Asked for"),
        help_text=gettext_lazy("What people have said stays either way."),
        required=False,
        initial=True,
    )

    def __init__(self, *args: Any, kind: ConsentKind | None = None) -> None:
        super().__init__(*args)
        for code, language in list_languages():
            self.fields[f"label-{code}"] = forms.CharField(
                label=_("Name, %(language)s") % {"language": language},
                max_length=100,
                required=False,
                initial=kind.labels.get(code, "") if kind else "",
            )
        if kind is None:
            del self.fields["is_active"]
        else:
            self.fields["name"].initial = kind.name
            self.fields["is_active"].initial = kind.is_active

    def labels(self) -> dict[str, str]:
        return {code: self.cleaned_data[f"label-{code}"] for code, _name in list_languages()}


@require_safe
@open_to(SET_UP)
def index(request: HttpRequest) -> HttpResponse:
    language = (get_language() or "").partition("-")[0]
    kinds = [(row, row.label(language)) for row in ConsentKind.objects.all()]
    return render(request, "workspace/settings/consents.html", {"kinds": kinds})


@require_http_methods(["GET", "HEAD", "POST"])
@open_to(SET_UP)
def edit(request: HttpRequest, kind_id: int | None = None) -> HttpResponseBase:
    actor = actor_of(request)
    kind = get_object_or_404(ConsentKind, pk=kind_id) if kind_id is not None else None
    index_url = reverse("settings_screens:consents")
    if request.method == "POST" and kind is None and request.POST.get("usual"):
        known = set(ConsentKind.objects.values_list("code", flat=True))
        for code, name in _USUAL:
            if code not in known:
                create_consent_kind(actor, name=str(name), code=code)
        return done(request, index_url, _("Saved"))
    form = ConsentKindForm(request.POST or None, kind=kind)

    def act() -> None:
        given = form.cleaned_data
        if kind is None:
            create_consent_kind(actor, name=given["name"], labels=form.labels())
        else:
            change_consent_kind(
                actor,
                kind,
                name=given["name"],
                labels=form.labels(),
                is_active=given["is_active"],
            )

    if request.method == "POST" and form.is_valid() and saved(form, act):
        return done(request, index_url, _("Saved"))
    context = {
        "form": form,
        "title": kind.name if kind else _("New kind of consent"),
        "crumb_url": index_url,
        "crumb": _("Consent"),
    }
    return render(request, "workspace/settings/form.html", context, status=status_of(form))
